/** A process with pipes. */
import { environment, hasEnded, type Streams, type TakeOutput } from "./streams.ts";

const OUTPUT_GRACE_MS = 500; // without output, from pipes that processes which were left behind hold open
const LOOK_MS = 50;
const PIPES_HOLD_BYTES = 16 * 1024 * 1024; // more than the pipes and the runtime's buffers hold: the rest is of others

/** @throws Error when it cannot be started */
export function withPipes(argv: string[], output: TakeOutput): Streams {
  const child = Bun.spawn(argv, {
    env: environment,
    stdin: "pipe",
    stdout: "pipe",
    // Not the same pipe: ctr copies the two by two threads of its own, so their order is lost before it gets here.
    stderr: "pipe",
    detached: true,
  });
  let takenAfterEnd = 0;
  let lastOutputMs = 0;
  let behind = 0;
  const readers = [child.stdout.getReader(), child.stderr.getReader()];
  // A stream that is not read is not read from the pipe either, so the process waits for a slow client.
  const handOver = async (reader: (typeof readers)[number]) => {
    for (let read = await reader.read(); read.value !== undefined; read = await reader.read()) {
      takenAfterEnd += read.value.length;
      const slow = output(read.value);
      if (slow !== undefined) {
        behind += 1;
        await slow;
        behind -= 1;
      }
      lastOutputMs = performance.now();
    }
  };
  const all = Promise.all(readers.map(handOver));
  /** Resolves when pipes that stay open can hold nothing more of a process that has ended. */
  const leftOpen = async () => {
    const endMs = performance.now();
    const quiet = () => performance.now() - Math.max(lastOutputMs, endMs) >= OUTPUT_GRACE_MS;
    while (takenAfterEnd < PIPES_HOLD_BYTES && (behind > 0 || !quiet())) await Bun.sleep(LOOK_MS);
  };
  return {
    child,
    async write(bytes) {
      try {
        child.stdin.write(bytes);
        await child.stdin.flush();
        return undefined;
      } catch (error) {
        // A command that ends without reading all its input is no failure: its exit status is what counts.
        await Promise.race([child.exited, Bun.sleep(OUTPUT_GRACE_MS)]);
        return hasEnded(child) ? undefined : { why: error instanceof Error ? error.message : String(error) };
      }
    },
    endInput: () => closeQuietly(child.stdin),
    resize: () => undefined,
    outputOver: async () => {
      takenAfterEnd = 0;
      await Promise.race([all, leftOpen()]);
    },
    letGo: () => undefined,
    close() {
      closeQuietly(child.stdin);
      // Held open by what has left the group, these would stay; one that has failed is closed already.
      for (const reader of readers) void reader.cancel().catch(() => undefined);
    },
  };
}

function closeQuietly(sink: Bun.FileSink): void {
  // A reader that has gone needs no end of input.
  void Promise.resolve(sink.end()).catch(() => undefined);
}
