import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { contentOf, encodeFrame, FrameReader, flag, frameType } from "./frames.ts";

describe("frames", () => {
  const frame = fc.record({
    type: fc.nat(9),
    flags: fc.nat(255),
    stream: fc.nat(2 ** 31 - 1),
    payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  });
  it("are read as they were written, however the socket cuts them", () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 5 }), fc.integer({ min: 1, max: 40 }), (frames, step) => {
        const bytes = Buffer.concat(
          frames.map(({ type, flags, stream, payload }) => encodeFrame(type, flags, stream, payload)),
        );
        const reader = new FrameReader();
        const read = [];
        for (let at = 0; at < bytes.length; at += step)
          read.push(...reader.push(bytes.subarray(at, at + step)));
        expect(read).toEqual(frames);
      }),
    );
  });
  it("have their content between a length and as many bytes of filling", () => {
    const payload = Buffer.from([2, 65, 66, 0, 0]);
    const content = contentOf({ type: frameType.data, flags: flag.padded, stream: 1, payload });
    expect(content.toString()).toBe("AB");
  });
  it("of fields may have five bytes about their place among streams in front", () => {
    const payload = Buffer.from([1, 0, 0, 0, 0, 0, 65, 0]);
    const flags = flag.padded | flag.priority;
    expect(contentOf({ type: frameType.headers, flags, stream: 1, payload }).toString()).toBe("A");
  });
});
