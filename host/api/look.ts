/**
 * Looking at the host, as a process beside the server: it asks systemd, disks and the network, any of which may hang,
 * and what it loads for that would stay in the server's memory.
 */
import { printedBy } from "./printed-by.ts";
import type { Depth } from "./status-routes.ts";

// The runtime hangs up on a client who has not been answered after 10 s, so later nobody would get to know why.
const TIMEOUT_MS = 9000;

/** Looks that are shared: however many clients ask, one process runs and at most one waits to be next. */
export class Looks {
  private running: Promise<unknown> | undefined;
  private next: { input: string; readonly printed: Promise<string> } | undefined;

  /** @param run  looks once */
  constructor(private readonly run: (input: string) => Promise<string>) {}

  /**
   * What a look prints that began after this was asked.
   *
   * @param input  what the program is told; of those who share a look that of the last counts, which is the newest
   */
  async print(input: string): Promise<string> {
    if (this.running === undefined) return this.start(input);
    if (this.next !== undefined) {
      this.next.input = input;
      return this.next.printed;
    }
    const next = { input, printed: this.running.then(() => this.startNext()) };
    this.next = next;
    return next.printed;
  }

  private startNext(): Promise<string> {
    const input = this.next?.input ?? "";
    this.next = undefined;
    return this.start(input);
  }

  private start(input: string): Promise<string> {
    const printed = this.run(input);
    // Its failure belongs to whoever asked for it.
    const settled = printed.then(
      () => undefined,
      () => undefined,
    );
    const over = settled.then(() => {
      // Whoever waits starts the next one in the same turn, before anybody can ask in between.
      if (this.next === undefined) this.running = undefined;
    });
    this.running = over;
    return printed;
  }
}

const looks: Readonly<Record<Depth, Looks>> = {
  status: new Looks((input) => runLook(input)),
  doctor: new Looks((input) => runLook(input, "--doctor")),
};

/**
 * Runs `look-at-host`, shared with others who ask at the same time.
 *
 * @returns what it printed: the body of the reply
 * @throws  Error when it cannot be started, fails, or does not end in time
 */
export const printLook = (depth: Depth, input: string): Promise<string> => looks[depth].print(input);

function runLook(input: string, ...options: readonly string[]): Promise<string> {
  // By its own name and not by a link beside it: no person starts this program.
  const command = [process.execPath, "look-at-host", ...options, "--log-level", "error"];
  return printedBy({ name: "look-at-host", command, input, timeoutMs: TIMEOUT_MS });
}
