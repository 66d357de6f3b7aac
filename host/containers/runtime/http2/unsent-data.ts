/**
 * Data that waits to be sent, and how much of it the other end has room for: on each stream, and on all together.
 * Decides only.
 *
 * @source RFC 9113 5.2, 6.9
 */
import { encodeFrame, flag, frameType, setting } from "./frames.ts";

// As long as the other end says nothing else.
const firstWindow = 65_535;
const firstFrameBytes = 16_384;

interface Queue {
  /** What the other end has room for; below 0 when it has made its mind up late. */
  window: number;
  readonly unsent: { bytes: Uint8Array; readonly isLast: boolean }[];
}

export class UnsentData {
  private readonly queues = new Map<number, Queue>();
  private window = firstWindow;
  private streamWindow = firstWindow;
  private frameBytes = firstFrameBytes;

  /** A stream begins. */
  open(stream: number): void {
    this.queues.set(stream, { window: this.streamWindow, unsent: [] });
  }

  /** Nothing more is to be sent on a stream. */
  close(stream: number): void {
    this.queues.delete(stream);
  }

  add(stream: number, bytes: Uint8Array, isLast: boolean): void {
    this.queues.get(stream)?.unsent.push({ bytes, isLast });
  }

  /** @param stream  0 for all of them together */
  widen(stream: number, bytes: number): void {
    if (stream === 0) this.window += bytes;
    const queue = this.queues.get(stream);
    if (queue !== undefined) queue.window += bytes;
  }

  /** The other end's settings, which hold for streams that are open, too. */
  obey(settings: ReadonlyMap<number, number>): void {
    const window = settings.get(setting.window) ?? this.streamWindow;
    for (const queue of this.queues.values()) queue.window += window - this.streamWindow;
    this.streamWindow = window;
    this.frameBytes = settings.get(setting.frameBytes) ?? this.frameBytes;
  }

  /** Takes out as much as there is room for. */
  takeFrames(): readonly Buffer[] {
    const frames: Buffer[] = [];
    for (const [id, queue] of this.queues) {
      for (let next = queue.unsent[0]; next !== undefined; next = queue.unsent[0]) {
        const room = Math.min(this.window, queue.window, this.frameBytes);
        const count = Math.min(next.bytes.length, Math.max(room, 0));
        // An empty frame needs no room.
        if (count === 0 && next.bytes.length > 0) break;
        const isWhole = count === next.bytes.length;
        const flags = isWhole && next.isLast ? flag.endStream : 0;
        frames.push(encodeFrame(frameType.data, flags, id, next.bytes.subarray(0, count)));
        this.window -= count;
        queue.window -= count;
        if (isWhole) queue.unsent.shift();
        else next.bytes = next.bytes.subarray(count);
      }
    }
    return frames;
  }
}
