import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { FrameWalk } from "./frame-walk.ts";

// Magic; version 1, independent blocks, checksum of the content; blocks of at most 64 KiB; checksum of these two.
const HEAD = "04224d18 6440 a7";
const STORED_ABC = "03000080 616263"; // the highest bit: stored as it is
const END = "00000000 ff53d132"; // end mark, checksum of the content
const frame = `${HEAD} ${STORED_ABC} ${END}`;

const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"));

/** What the walk says about bytes that come in pieces of a size: nothing when they are one frame. */
function said(bytes: Uint8Array, pieceBytes = bytes.length): string | undefined {
  const walk = new FrameWalk();
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes) walk.take(bytes.subarray(at, at + pieceBytes));
    walk.end();
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

describe("an image is one LZ4 frame", () => {
  const table: [situation: string, hex: string, said: string | undefined][] = [
    ["a frame with a checksum of its content is one", frame, undefined],
    ["a frame without one is one", "04224d18 6040 82 03000080 616263 00000000", undefined],
    [
      "a frame with checksums of its blocks is one",
      "04224d18 7040 df 03000080 616263 aabbccdd 00000000",
      undefined,
    ],
    ["nothing at all is none", "", "the LZ4 frame is cut off after 0 bytes"],
    ["text is none", "68656c6c 6f", "it does not start like an LZ4 frame (found 0x6c6c6568)"],
    [
      "the older format without an end is none",
      "02214c18 0000",
      "it does not start like an LZ4 frame (found 0x184c2102)",
    ],
    [
      "a frame to be skipped is none",
      "502a4d18 00000000",
      "it does not start like an LZ4 frame (found 0x184d2a50)",
    ],
    ["version 2 is refused", "04224d18 a440 00", "its LZ4 frame is of an unknown kind (flags 0xa440)"],
    ["a reserved flag is refused", "04224d18 6640 00", "its LZ4 frame is of an unknown kind (flags 0x6640)"],
    [
      "a reserved size of blocks is refused",
      "04224d18 6430 00",
      "its LZ4 frame is of an unknown kind (flags 0x6430)",
    ],
    ["a dictionary is refused", "04224d18 6540 00", "its LZ4 frame needs a dictionary, and there is none"],
    ["a block of 65536 bytes can be cut off", `${HEAD} 00000180`, "the LZ4 frame is cut off after 11 bytes"],
    [
      "a block of 65537 bytes cannot be",
      `${HEAD} 01000180`,
      "its LZ4 frame has a block of 65537 bytes, where 1 to 65536 can be",
    ],
    [
      "a stored block of nothing is refused",
      `${HEAD} 00000080`,
      "its LZ4 frame has a block of 0 bytes, where 1 to 65536 can be",
    ],
    ["any byte behind the end is refused", `${frame} 00`, "bytes follow the end of the LZ4 frame at byte 22"],
    ["a second frame is refused", `${frame} ${frame}`, "bytes follow the end of the LZ4 frame at byte 22"],
    [
      "a frame to be skipped behind it is refused",
      `${frame} 502a4d18 00000000`,
      "bytes follow the end of the LZ4 frame at byte 22",
    ],
  ];
  for (const [situation, hex, expected] of table) {
    it(situation, () => {
      expect(said(bytesOf(hex))).toBe(expected === undefined ? undefined : `BadFrame: ${expected}`);
    });
  }

  it("every beginning of a frame is said to be cut off, and only the whole is not", () => {
    const whole = bytesOf(frame);
    for (let bytes = 0; bytes < whole.length; bytes++) {
      expect(said(whole.subarray(0, bytes))).toBe(`BadFrame: the LZ4 frame is cut off after ${bytes} bytes`);
    }
    expect(said(whole)).toBeUndefined();
  });

  it("the same is said however the bytes are cut", () => {
    const byte = fc.constantFrom(...bytesOf(frame));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (tail, pieceBytes) => {
        for (const bytes of [Uint8Array.from(tail), Uint8Array.from([...bytesOf(frame), ...tail])]) {
          expect(said(bytes, pieceBytes)).toBe(said(bytes));
        }
      }),
    );
  });

  it("the length of the content is known as soon as the frame has said it", () => {
    const walk = new FrameWalk();
    const head = bytesOf("04224d18 6840 0000000001000000 00");
    walk.take(head.subarray(0, 13));
    expect(walk.contentBytes).toBeUndefined();
    walk.take(head.subarray(13));
    expect(walk.contentBytes).toBe(2n ** 32n);
  });
});
