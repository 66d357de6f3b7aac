import { describe, expect, it } from "bun:test";
import { FrameReader, flag, setting } from "./frames.ts";
import { UnsentData } from "./unsent-data.ts";

/** The frames that may be sent now, as `stream:bytes`, with a dot where the stream ends. */
function sent(data: UnsentData): readonly string[] {
  return [...new FrameReader().push(Buffer.concat(data.takeFrames()))].map(({ stream, flags, payload }) => {
    return `${stream}:${payload.length}${(flags & flag.endStream) === 0 ? "" : "."}`;
  });
}

/** Streams 1 and 3, in frames of 100 bytes, with this window each. */
function streams(window: number): UnsentData {
  const data = new UnsentData();
  data.obey(
    new Map([
      [setting.window, window],
      [setting.frameBytes, 100],
    ]),
  );
  for (const stream of [1, 3]) data.open(stream);
  return data;
}

describe("data is sent (RFC 9113 5.2)", () => {
  it("in frames of the size that the other end takes, the last of which ends the stream", () => {
    const data = streams(1000);
    data.add(1, Buffer.alloc(100), false);
    data.add(1, Buffer.alloc(201), true);
    expect(sent(data)).toEqual(["1:100", "1:100", "1:100", "1:1."]);
    expect(sent(data)).toEqual([]);
  });

  it("as far as there is room on the stream; another stream goes on", () => {
    const data = streams(50);
    data.add(1, Buffer.alloc(60), true);
    data.add(3, Buffer.alloc(10), true);
    expect(sent(data)).toEqual(["1:50", "3:10."]);
    data.widen(1, 9);
    expect(sent(data)).toEqual(["1:9"]);
    data.widen(1, 9);
    expect(sent(data)).toEqual(["1:1."]);
  });

  it("as far as there is room on all streams together", () => {
    const data = streams(100_000);
    data.add(1, Buffer.alloc(65_500), false);
    data.add(3, Buffer.alloc(100), true);
    expect(sent(data).slice(-1)).toEqual(["3:35"]);
    data.widen(3, 100);
    expect(sent(data)).toEqual([]);
    data.widen(0, 100);
    expect(sent(data)).toEqual(["3:65."]);
  });

  it("not before the window is above 0 again, when the other end narrows it while data is on its way", () => {
    const data = streams(50);
    data.add(1, Buffer.alloc(100), true);
    expect(sent(data)).toEqual(["1:50"]);
    data.obey(new Map([[setting.window, 20]]));
    data.widen(1, 30);
    expect(sent(data)).toEqual([]);
    data.widen(1, 1);
    expect(sent(data)).toEqual(["1:1"]);
  });

  it("without any room where it is only the end", () => {
    const data = streams(0);
    data.add(1, Buffer.alloc(0), true);
    expect(sent(data)).toEqual(["1:0."]);
  });

  it("not on a stream that is closed", () => {
    const data = streams(50);
    data.add(1, Buffer.alloc(1), true);
    data.close(1);
    data.add(1, Buffer.alloc(1), true);
    expect(sent(data)).toEqual([]);
  });
});
