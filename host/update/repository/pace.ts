/**
 * How slow a server may be. Only the time in which it is waited for counts: what is done with the bytes, such as
 * writing them to a slow disk, is not the server's fault.
 */

export interface Patience {
  /** Nothing at all may come for so long; then it is tried again. */
  readonly silentMs: number;
  /** In so long there must come … */
  readonly windowMs: number;
  /** … so many bytes. */
  readonly bytesPerWindow: number;
  /** One file may take so long altogether. */
  readonly totalMs: number;
}

/** A thousand bytes a second are less than any line gives that is of use, and end a server that only drips. */
export const usualPatience: Patience = {
  silentMs: 30_000,
  windowMs: 60_000,
  bytesPerWindow: 60_000,
  totalMs: 6 * 3600_000,
};

/** Counts for one file. */
export class Pace {
  private window = { waitedMs: 0, bytes: 0 };
  private waitedMs = 0;

  constructor(private readonly patience: Patience) {}

  /** @returns why this is too slow, or undefined */
  came(waitedMs: number, bytes: number): string | undefined {
    const { windowMs, bytesPerWindow, totalMs } = this.patience;
    this.waitedMs += waitedMs;
    if (this.waitedMs > totalMs) return `it is not complete after ${totalMs / 1000} s`;
    const { window } = this;
    window.waitedMs += waitedMs;
    window.bytes += bytes;
    if (window.waitedMs < windowMs) return undefined;
    this.window = { waitedMs: 0, bytes: 0 };
    if (window.bytes >= bytesPerWindow) return undefined;
    return `${window.bytes} bytes in ${Math.round(window.waitedMs) / 1000} s, at least ${bytesPerWindow} should come`;
  }
}
