/**
 * Streams of the journal, each a journalctl beside the server. What a client does not read yet stays in the pipe and
 * holds journalctl up, not in our memory; when the client goes away its journalctl is ended.
 */
import { endedHow } from "./applier.ts";
import { aliveLine, endsLine } from "./log-lines.ts";
import type { LogQuery } from "./log-routes.ts";
import { type Reply, refused } from "./reply.ts";

// Each is a process that maps the journal, and may last as long as its client pleases.
const MOST_STREAMS = 16;
const LOOKUP_TIMEOUT_MS = 8000; // below the time after which the runtime hangs up
// The runtime hangs up on a connection over which nothing went for 10 s, and over a Unix socket it takes no other time
// for a single request.
const ALIVE_MS = 4000;

/** The streams of one server. */
export class LogStreams {
  private readonly running = new Set<Bun.Subprocess>();
  private taken = 0;

  /** @param onFailure  told why a log has ended early, when its client has the status already */
  constructor(private readonly onFailure: (text: string) => void) {}

  /**
   * Begins a stream.
   *
   * @param gone  aborted when the client goes away
   * @returns the text as it comes, or the reply to send instead
   */
  async open(query: LogQuery, gone: AbortSignal): Promise<ReadableStream<Uint8Array> | Reply> {
    if (this.taken >= MOST_STREAMS) {
      return refused(503, `${MOST_STREAMS} logs are being read already; ask for this one again later`);
    }
    this.taken += 1;
    try {
      const state = await loadState(query.unit);
      if (state === "not-found") {
        return this.giveBack(
          refused(404, `There is no unit ${query.unit}; apiclient status names those of this host`),
        );
      }
      // Nobody would end it: the signal has been given.
      if (gone.aborted) return this.giveBack(refused(400, "The client is gone"));
      return this.start(query, gone);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return this.giveBack(refused(500, `Reading the log of ${query.unit} failed: ${why}`));
    }
  }

  /** Ends all streams. */
  stop(): void {
    for (const child of this.running) child.kill("SIGKILL");
  }

  private giveBack(reply: Reply): Reply {
    this.taken -= 1;
    return reply;
  }

  private start(query: LogQuery, gone: AbortSignal): ReadableStream<Uint8Array> {
    const child = Bun.spawn(commandOf(query), {
      env: process.env,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
    });
    this.running.add(child);
    const reader = child.stdout.getReader();
    const end = () => {
      child.kill("SIGKILL");
      // Its end of the pipe would otherwise stay open until somebody collects it. Nobody is left to hear of a failure.
      reader.cancel().catch(() => undefined);
    };
    gone.addEventListener("abort", end, { once: true });
    void child.exited.then(() => {
      gone.removeEventListener("abort", end);
      this.running.delete(child);
      this.taken -= 1;
    });
    let reading: ReturnType<typeof reader.read> | undefined;
    let betweenLines = true;
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          reading ??= reader.read();
          let read = await within(ALIVE_MS, reading);
          if (read === undefined && betweenLines) return controller.enqueue(aliveLine);
          read ??= await reading;
          reading = undefined;
          if (!read.done) {
            betweenLines = endsLine(read.value);
            return controller.enqueue(read.value);
          }
          await child.exited;
          if (child.exitCode === 0) return controller.close();
          const why = `The log of ${query.unit} has ended early: journalctl ${endedHow(child)}`;
          if (!gone.aborted) this.onFailure(why);
          controller.error(new Error(why));
        },
        cancel: end,
      },
      { highWaterMark: 1 },
    );
  }
}

const commandOf = ({ unit, follow, since, lines }: LogQuery): string[] => [
  "journalctl",
  "--no-pager",
  "--quiet",
  "--output=short-iso",
  `--lines=${lines}`,
  ...(since === undefined ? [] : [`--since=${since}`]),
  ...(follow ? ["--follow"] : []),
  `--unit=${unit}`,
];

/** @throws Error when systemctl cannot be started, fails, or does not end in time */
async function loadState(unit: string): Promise<string> {
  const child = Bun.spawn(["systemctl", "show", "--property=LoadState", "--value", "--", unit], {
    env: process.env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
    timeout: LOOKUP_TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  const [printed] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  if (child.exitCode !== 0) throw new Error(`systemctl show ${endedHow(child)}`);
  return printed.trim();
}

/** What a promise resolves with, undefined if it does not in time. */
async function within<T>(timeMs: number, promise: Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), timeMs);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
