/** A process with a terminal. */
import type { Size } from "./messages.ts";
import { environment, type Streams, signalGroup, type TakeOutput } from "./streams.ts";

const WINCH_DELAY_MS = 100; // ctr takes the size only from a signal, and needs this long to listen for it
const QUIET_MS = 50; // a terminal has no end of output that could be read: what is in it comes within this time

/** @throws Error when it cannot be started */
export function withTerminal(argv: string[], size: Size | undefined, output: TakeOutput): Streams {
  let lastOutputMs = 0;
  let waiting: Promise<void> | undefined;
  let written: PromiseWithResolvers<undefined> | undefined;
  const terminal = new Bun.Terminal({
    ...size,
    data(_, bytes) {
      lastOutputMs = performance.now();
      const wait = output(bytes);
      if (wait === undefined || waiting !== undefined) return;
      // The runtime reads a terminal as fast as it can: who fills it has to be stopped.
      signalGroup(child.pid, "SIGSTOP");
      waiting = wait.then(() => {
        waiting = undefined;
        signalGroup(child.pid, "SIGCONT");
      });
    },
    drain() {
      written?.resolve(undefined);
      written = undefined;
    },
  });
  const child = spawnIn(terminal, argv);
  const winch = () => signalGroup(child.pid, "SIGWINCH");
  const first = setTimeout(winch, WINCH_DELAY_MS);
  void child.exited.then(() => {
    clearTimeout(first);
    written?.resolve(undefined);
  });
  return {
    child,
    write(bytes) {
      if (bytes.length === 0 || terminal.closed) return undefined;
      written = Promise.withResolvers();
      terminal.write(bytes);
      return written.promise;
    },
    // A terminal stays open; its end of input is a character (Ctrl-D), which the client sends like any other.
    endInput: () => undefined,
    resize({ rows, cols }) {
      if (terminal.closed) return;
      terminal.resize(cols, rows);
      winch();
    },
    async outputOver() {
      do {
        await waiting;
        await Bun.sleep(QUIET_MS);
      } while (waiting !== undefined || performance.now() - lastOutputMs < QUIET_MS);
    },
    letGo: () => signalGroup(child.pid, "SIGCONT"),
    close: () => terminal.close(),
  };
}

/**
 * Not with the controlling terminal that the reference gives: the runtime cannot. ctr needs none; it passes every byte on,
 * and is told of window changes by a signal of ours.
 */
function spawnIn(terminal: Bun.Terminal, argv: string[]): Bun.Subprocess {
  try {
    return Bun.spawn(argv, { env: environment, terminal, detached: true });
  } catch (error) {
    terminal.close();
    throw error;
  }
}
