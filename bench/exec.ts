/** `apiclient exec` on the real executable, beside the same command without it. */
import { ExecClient } from "../tests/api/support/exec.ts";
import { memoryMb, settledMb } from "../tests/api/support/memory.ts";
import { TestRoot } from "../tests/api/support/root.ts";
import { RunningServer } from "../tests/api/support/server.ts";
import type { Benchmark, Figure } from "./report.ts";

const RUNS = 30;
const ECHOES = 1000;
const GIB = 1024 ** 3;
const SAMPLE_MS = 50;

export const execBenchmark: Benchmark = {
  name: "exec",
  about: "Commands through apiclient exec, beside the same commands run directly",
  async run(progress) {
    const root = await TestRoot.make();
    await root.runsCommandsHere();
    const server = await RunningServer.start(root);
    try {
      const before = await settledMb(server.pid);
      const figures = [await wholeRun(root, progress), await echo(server, progress)];
      const peak = peakMemory(server.pid);
      figures.push(...(await streams(root, progress)));
      figures.push({ what: "resident memory of the server, before", unit: "MB", ours: before });
      figures.push({ what: "resident memory of the server, peak of 3 GiB", unit: "MB", ours: await peak() });
      figures.push({
        what: "resident memory of the server, at rest afterwards",
        unit: "MB",
        ours: await settledMb(server.pid),
      });
      return figures;
    } finally {
      await server.end();
      await root.remove();
    }
  },
};

const EXEC = ["/usr/bin/apiclient", "exec", "admin"];

/** From starting the client to its end, with a command that does nothing. */
async function wholeRun(root: TestRoot, progress: (line: string) => void): Promise<Figure> {
  progress("apiclient exec of a command that does nothing");
  const command = ["/bin/sh", "-c", ":"];
  const theirs = await medianMs(async () => root.run(command));
  const mine = await medianMs(async () => root.run([...EXEC, ...command]));
  return {
    what: "apiclient exec, from start to exit code",
    unit: "ms",
    ours: mine,
    peer: { name: "the command alone", value: theirs },
  };
}

/** One byte to a command and back, in a session that is open. */
async function echo(server: RunningServer, progress: (line: string) => void): Promise<Figure> {
  progress("round trips in an open session");
  const client = await ExecClient.open(server);
  client.initialize("admin", ["cat"]);
  const byte = new Uint8Array([65]);
  const timesMs: number[] = [];
  for (let n = 1; n <= ECHOES; n++) {
    const from = performance.now();
    client.binary(byte);
    await client.until(() => client.outputBytes === n);
    timesMs.push(performance.now() - from);
  }
  client.hangUp();
  return { what: "a byte to cat and back, in an open session", unit: "ms", ours: median(timesMs) };
}

async function streams(root: TestRoot, progress: (line: string) => void): Promise<Figure[]> {
  const zeros = `head -c ${GIB} /dev/zero`;
  const lines: [what: string, mine: string, theirs: string][] = [
    ["1 GiB from a command", `${EXEC.join(" ")} ${zeros} | cat >/dev/null`, `${zeros} | cat >/dev/null`],
    [
      "1 GiB to a command",
      `${zeros} | ${EXEC.join(" ")} sh -c 'cat >/dev/null'`,
      `${zeros} | cat | cat >/dev/null`,
    ],
    [
      "1 GiB to a command and back",
      `${zeros} | ${EXEC.join(" ")} cat | cat >/dev/null`,
      `${zeros} | cat | cat | cat >/dev/null`,
    ],
  ];
  const figures: Figure[] = [];
  for (const [what, mine, theirs] of lines) {
    progress(what);
    const rate = async (line: string) =>
      GIB / 1e6 / ((await timeMs(() => root.run(["/bin/sh", "-c", line]))) / 1000);
    figures.push({
      what,
      unit: "MB/s",
      ours: await rate(mine),
      peer: { name: "pipe", value: await rate(theirs) },
    });
  }
  return figures;
}

/** Looks at a process's memory until the returned function is called, which says what was the most. */
function peakMemory(pid: number): () => Promise<number> {
  let most = 0;
  const look = async () => {
    most = Math.max(most, await memoryMb(pid, "VmRSS"));
  };
  const timer = setInterval(() => void look(), SAMPLE_MS);
  return async () => {
    clearInterval(timer);
    await look();
    return most;
  };
}

interface Exit {
  readonly exitCode: number | null;
}

async function timeMs(run: () => Promise<Exit>): Promise<number> {
  const begin = performance.now();
  const { exitCode } = await run();
  if (exitCode !== 0) throw new Error(`a measured command exited with ${exitCode}`);
  return performance.now() - begin;
}

async function medianMs(run: () => Promise<Exit>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < RUNS; n++) times.push(await timeMs(run));
  return median(times);
}

const median = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
