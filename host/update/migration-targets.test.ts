import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readMigrationTexts } from "./migration-targets.ts";
import { BadSmallFrame, decodeSmallFrame } from "./small-frame.ts";
import { memorySource, storedFrame } from "./testing-frames.ts";
import { parseVersion } from "./version.ts";

const hex = (text: string) => Buffer.from(text, "hex");
const decoded = (frame: Uint8Array, limit = 1000) => Buffer.from(decodeSmallFrame(frame, limit)).toString();

describe("a small LZ4 frame", () => {
  test("of the lz4 program is decoded, matches included", () => {
    const frame =
      "04224d186440a740000000f0137b22666f726d6174223a312c227374657073223a5b7b226164642d73657474696e67110014220c006f" +
      "2e61225d7d2c2000081f6220000c6063225d7d5d7d00000000aa31d40a";
    expect(decoded(hex(frame))).toBe(
      '{"format":1,"steps":[{"add-settings":["settings.a"]},{"add-settings":["settings.b"]},{"add-settings":["settings.c"]}]}',
    );
  });

  test("is decoded whichever of its fields are there, and where a match reaches into what it makes", () => {
    const frame = "04224d187440bd0b0000001f7801000f507878787878614c1c0900000000839de839"; // lz4 -9 -BX
    expect(decoded(hex(frame))).toBe("x".repeat(40));
  });

  test("may hold its bytes as they are, or none", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(Buffer.from(decodeSmallFrame(storedFrame(bytes), 300))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test("ends a bomb at the limit", () => {
    const block = Buffer.concat([hex("1f780100"), Buffer.alloc(4000, 0xff), hex("00")]);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(block.length);
    const bomb = Buffer.concat([hex("04224d18607073"), size, block, Buffer.alloc(4)]);
    expect(() => decodeSmallFrame(bomb, 1024 * 1024 - 100_000)).toThrow("it holds more than 948576 bytes");
  });

  const whole = storedFrame("content");
  const table: [what: string, frame: Uint8Array, reason: string][] = [
    ["nothing", new Uint8Array(), "its LZ4 frame is cut off, or damaged"],
    ["another format", hex("28b52ffd00000000"), "it is no LZ4 frame"],
    ["a skippable frame", hex("502a4d1800000000"), "it is no LZ4 frame"],
    [
      "a frame with a dictionary",
      hex("04224d186170000000000000000000"),
      "its LZ4 frame is of an unknown kind",
    ],
    ["a frame without its end", whole.subarray(0, -1), "its LZ4 frame is cut off, or damaged"],
    ["two frames", Buffer.concat([whole, whole]), "bytes follow the end of the LZ4 frame"],
    [
      "a match before the beginning",
      hex("04224d1860707304000000107801ff00000000"),
      "its LZ4 frame is damaged",
    ],
  ];
  for (const [what, frame, reason] of table) {
    test(`${what} is refused`, () => expect(() => decodeSmallFrame(frame, 1000)).toThrow(reason));
  }

  test("whatever the bytes, ends with content or with a reason", () => {
    const start = hex("04224d1860707310000000");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          expect(decodeSmallFrame(Buffer.concat([start, bytes]), 500).length).toBeLessThanOrEqual(500);
        } catch (error) {
          expect(error).toBeInstanceOf(BadSmallFrame);
        }
      }),
    );
  });
});

describe("the migrations of a repository", () => {
  const version = (text: string) => {
    const parsed = parseVersion(text);
    if (parsed === undefined) throw new Error(`${text} is no version`);
    return parsed;
  };
  const [low, high] = [version("3.4.0"), version("3.4.1")];
  const manifest = { migrations: [{ from: low, to: high, names: ["zeta", "alpha"] }] };
  const targets = { zeta: storedFrame("z"), alpha: storedFrame("a") };
  const read = (of: Readonly<Record<string, Uint8Array>>, from = low, to = high) =>
    readMigrationTexts(memorySource(of), manifest, from, to);

  test("Check 32: are read in the order of the list, backward in the reverse", async () => {
    const texts = [
      { name: "zeta", text: "z" },
      { name: "alpha", text: "a" },
    ];
    expect(await read(targets)).toEqual(texts);
    expect(await read(targets, high, low)).toEqual(texts.toReversed());
  });

  test("a chain that does not reach is told with both ends", async () => {
    await expect(read(targets, low, version("3.5.0"))).rejects.toThrow(
      "No migrations lead from 3.4.0 to 3.5.0: the chain of the manifest ends at 3.4.1, and 3.5.0 is to be reached",
    );
  });

  test("what is named and not there is told before anything is read", async () => {
    await expect(read({ zeta: hex("00") })).rejects.toThrow(
      "The manifest names migrations that are no targets of the repository: alpha",
    );
  });

  const bad: [what: string, bytes: Uint8Array, reason: string][] = [
    ["no frame", hex("00"), "its LZ4 frame is cut off, or damaged"],
    ["no text", storedFrame(hex("ff")), "it is not UTF-8"],
    ["too much", storedFrame("x".repeat(1024 * 1024)), "it has 1048591 bytes, and 1048576 are possible"],
  ];
  for (const [what, bytes, reason] of bad) {
    test(`a target that is ${what} is refused by its name`, async () => {
      await expect(read({ ...targets, alpha: bytes })).rejects.toThrow(
        `The migration alpha cannot be decompressed: ${reason}`,
      );
    });
  }
});
