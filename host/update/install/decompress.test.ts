import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { decompress } from "./decompress.ts";
import { FrameWalk } from "./frame-walk.ts";
import { frameOf, inPieces, joined, lz4Missing } from "./testing-frames.ts";

const never = new AbortController().signal;

async function decompressed(
  compressed: AsyncIterable<Uint8Array>,
  signal: AbortSignal = never,
): Promise<Uint8Array> {
  return joined(...(await Array.fromAsync(decompress(compressed, new FrameWalk(), signal))));
}

/** What is compressible, what is not, and what repeats itself over long distances. */
const content = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      fc.tuple(fc.nat(255), fc.nat(70_000)).map(([byte, bytes]) => new Uint8Array(bytes).fill(byte)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => joined(...parts, ...parts));
const flags = fc
  .record({
    level: fc.constantFrom("-1", "-9", "--fast=5"),
    blocks: fc.constantFrom("-B4", "-B5", "-B6", "-B7"),
    linked: fc.constantFrom("-BD", "-BI"),
    others: fc.subarray(["-BX", "--no-frame-crc", "--content-size"]),
  })
  .map(({ level, blocks, linked, others }) => [level, blocks, linked, ...others]);
const sizes = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 4 });

describe.skipIf(lz4Missing)("what is decompressed", () => {
  it("is what was compressed, with whatever flags and however it comes", async () => {
    await fc.assert(
      fc.asyncProperty(content, flags, sizes, async (bytes, options, cut) => {
        // A megabyte byte by byte would be a test of patience.
        const pieces = bytes.length > 10_000 ? cut.map((size) => size + 500) : cut;
        expect(await decompressed(inPieces(frameOf(bytes, ...options), pieces))).toEqual(bytes);
      }),
      { numRuns: 30 },
    );
  });

  it("includes long stretches of zeros: a partition holds older bytes, where a new file would have none", async () => {
    const zeros = new Uint8Array(9_000_000);
    expect(Bun.hash(await decompressed(inPieces(frameOf(zeros))))).toBe(Bun.hash(zeros));
  });
});

describe.skipIf(lz4Missing)("a frame is refused", () => {
  const frame = () => frameOf(joined("Pinwheel, Pinwheel, Pinwheel! ".repeat(5000)));
  const changed = (at: number) => {
    const bytes = frame();
    const index = at < 0 ? bytes.length + at : at;
    bytes[index] = (bytes[index] ?? 0) ^ 0xff;
    return bytes;
  };
  const table: [situation: string, bytes: () => Uint8Array, said: RegExp][] = [
    [
      "that is cut off",
      () => frame().subarray(0, -5),
      /^BadFrame: the LZ4 frame is cut off after \d+ bytes$/,
    ],
    ["that is followed by another one", () => joined(frame(), frame()), /^BadFrame: bytes follow the end/],
    ["whose header's checksum is wrong", () => changed(6), /^BadFrame: .*(headerChecksum|invalid)/],
    ["whose content's checksum is wrong", () => changed(-1), /^BadFrame: .*contentChecksum_invalid/],
    ["whose block says what cannot be", () => changed(12), /^BadFrame: /],
  ];
  for (const [situation, bytes, expected] of table) {
    it(situation, async () => {
      expect(await failureOf(decompressed(inPieces(bytes())))).toMatch(expected);
    });
  }

  it("also when it comes in small pieces, long after the decompressor has given up", async () => {
    async function* slowly() {
      for await (const piece of inPieces(joined(changed(12), new Uint8Array(500)), [100])) {
        yield piece;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    expect(await failureOf(decompressed(slowly()))).toMatch(/^BadFrame: /);
  });

  it("only after its source was taken to the end, whose own failure comes first", async () => {
    async function* wrong() {
      yield* inPieces(changed(12), [1000]);
      throw new Error("its hash is wrong");
    }
    expect(await failureOf(decompressed(wrong()))).toBe("Error: its hash is wrong");
  });

  it("even when everything is good but the hash that is known at the end", async () => {
    async function* wrong() {
      yield* inPieces(frame(), [1000]);
      throw new Error("its hash is wrong");
    }
    expect(await failureOf(decompressed(wrong()))).toBe("Error: its hash is wrong");
  });
});

describe.skipIf(lz4Missing)("decompressing can be given up", () => {
  it("by its signal, even when the source hangs", async () => {
    const abort = new AbortController();
    async function* hangs() {
      yield frameOf(joined("x")).subarray(0, 5);
      abort.abort(new Error("the host shuts down"));
      await new Promise(() => undefined);
    }
    expect(await failureOf(decompressed(hangs(), abort.signal))).toBe("Error: the host shuts down");
  });

  it("by whoever takes the pieces; the source is then left alone, too", async () => {
    let ended = false;
    const zeros = frameOf(new Uint8Array(50_000_000));
    async function* endless() {
      try {
        for (;;) yield* inPieces(zeros.subarray(0, -8), [1000]);
      } finally {
        ended = true;
      }
    }
    const walk = new FrameWalk();
    walk.take = () => undefined; // as if there were no end
    for await (const piece of decompress(endless(), walk, never)) {
      expect(piece[0]).toBe(0);
      break;
    }
    while (!ended) await new Promise((resolve) => setImmediate(resolve));
  });
});

async function failureOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof Error ? `${error.name}: ${error.message}` : `no failure: ${error}`;
}
