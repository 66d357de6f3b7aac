import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { encodeFrame, type Frame, FrameReader, opcodes, ProtocolError } from "./frames.ts";

const opcode = fc.constantFrom(...Object.values(opcodes));

/** A frame as a server sends it: without a mask. */
function serverFrame({ opcode: code, payload }: Frame): Buffer {
  const masked = Buffer.from(encodeFrame(code, payload));
  const at = masked.length - payload.length - 4;
  masked[1] = (masked[1] ?? 0) & 0x7f;
  return Buffer.concat([masked.subarray(0, at), payload]);
}

describe("frames of a server", () => {
  it("come out as they were, wherever the stream is cut", () => {
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(125, 126, 65_535, 65_536).map((size) => new Uint8Array(size).fill(7)),
    );
    const cuts = fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(fc.record({ opcode, payload }), { maxLength: 5 }), cuts, (frames, sizes) => {
        const stream = Buffer.concat(frames.map(serverFrame));
        const reader = new FrameReader();
        const read: Frame[] = [];
        for (let at = 0, n = 0; at < stream.length; n++) {
          const size = sizes[n % sizes.length] ?? 1;
          // A copy that is overwritten afterwards, as a socket does with its bytes.
          const part = Uint8Array.from(stream.subarray(at, at + size));
          read.push(...reader.push(part).map((one) => ({ ...one, payload: one.payload.slice() })));
          part.fill(255);
          at += size;
        }
        expect(read).toEqual(frames.map((one) => ({ ...one, payload: Uint8Array.from(one.payload) })));
      }),
      { numRuns: 60 },
    );
  });

  const wrong: [what: string, bytes: number[], says: string][] = [
    ["a fragment", [0x02, 0x00], "the server sent a frame that begins with 0x2"],
    ["a continuation", [0x80, 0x00], "the server sent a frame that begins with 0x80"],
    ["reserved bits", [0xc2, 0x00], "the server sent a frame that begins with 0xc2"],
    ["a mask", [0x82, 0x80], "the server sent a masked frame"],
    ["1 MiB and a byte", [0x82, 127, 0, 0, 0, 0, 0, 16, 0, 1], "the server sent a frame of 1048577 bytes"],
  ];
  for (const [what, bytes, says] of wrong) {
    it(`with ${what} are refused`, () =>
      expect(() => new FrameReader().push(Uint8Array.from(bytes))).toThrow(new ProtocolError(says)));
  }
});

it("a frame of the client is final and masked", () => {
  expect([...encodeFrame(opcodes.text, Buffer.from("hi"))]).toEqual([0x81, 0x82, 0, 0, 0, 0, 104, 105]);
  expect([...encodeFrame(opcodes.binary, new Uint8Array(126)).subarray(0, 4)]).toEqual([0x82, 0xfe, 0, 126]);
});
