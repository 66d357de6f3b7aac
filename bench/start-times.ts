/** How long the real apiserver takes from its start to its first answer. */
import type { TestRoot } from "../tests/api/support/root.ts";

const COMMAND = [
  "/usr/bin/apiserver",
  ...["--datastore-path", "/var/lib/bottlerocket/datastore/current", "--socket-path", "/run/start.sock"],
];
const LIMIT_MS = 20_000;

export interface StartTimes {
  readonly medianMs: number;
  readonly leastMs: number;
}

/** Measures so many starts; without what entering the root costs, which no host pays. */
export async function startTimes(root: TestRoot, rounds: number): Promise<StartTimes> {
  const starts: number[] = [];
  const entries: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const begin = performance.now();
    await root.run(["/bin/sh", "-c", ":"]);
    entries.push(performance.now() - begin);
    starts.push(await startMs(root));
  }
  return {
    medianMs: median(starts) - median(entries),
    leastMs: Math.min(...starts) - Math.min(...entries),
  };
}

async function startMs(root: TestRoot): Promise<number> {
  const begin = performance.now();
  const child = Bun.spawn(root.command(COMMAND), {
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", BUN_JSC_useJIT: "0" },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "inherit",
  });
  try {
    while (!(await answers(root.at("run/start.sock")))) {
      if (performance.now() - begin > LIMIT_MS) throw new Error("apiserver did not come up");
      await Bun.sleep(1);
    }
    return performance.now() - begin;
  } finally {
    child.kill();
    await child.exited;
  }
}

/** Whether it answers already; until it does, there is no socket. */
async function answers(unix: string): Promise<boolean> {
  return fetch("http://localhost/settings", { unix }).then(
    async (response) => response.status === 200 && (await response.text()) !== "",
    () => false,
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
