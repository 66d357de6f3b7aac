/** Ctrl-C while something is published: the copy at hand is taken away, and the command fails in its own words. */
import { fail } from "./failures.ts";

const signals = ["SIGINT", "SIGTERM"] as const;

/** While it lives, the process does not end at once when it is asked to: the signal is aborted instead. */
export class Interruption {
  private readonly controller = new AbortController();
  private readonly interrupt = () => this.controller.abort(fail("publish/interrupted", {}));

  constructor() {
    for (const name of signals) process.on(name, this.interrupt);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  [Symbol.dispose](): void {
    for (const name of signals) process.off(name, this.interrupt);
  }
}
