/** From starting the client to the first line that the container's process runs; the image is there already. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { ContainerHost, Running } from "../tests/containers/support/host.ts";
import { quantile } from "./quantile.ts";
import type { Figure } from "./report.ts";

const RUNS = 20;
const LIMIT_MS = 60_000;
const NAME = "started";

/** @param source  of an image whose process makes the file `runs` in the container's storage, and ends */
export async function containerStarts(
  host: ContainerHost,
  source: string,
  progress: (line: string) => void,
): Promise<readonly Figure[]> {
  const storage = await host.makeStorage(NAME);
  const mount = `type=bind,src=/local/host-containers/${NAME},dst=/.bottlerocket/host-containers/current,options=rbind:rw`;
  const ctr = (flags: readonly string[]) => async () =>
    host.start([
      ...["ctr", "-a", "/run/host-containerd/containerd.sock", "run", "--rm", "--net-host", ...flags],
      ...["--mount", mount, source, "peer"],
    ]);
  const mine: Timed = { start: () => host.runContainer(NAME, source), timesMs: [] };
  const plain: Timed = { start: ctr([]), timesMs: [] };
  // As confined as ours, which the runtime takes time to prepare.
  const confined: Timed = { start: ctr(["--seccomp"]), timesMs: [] };
  // The first of each finds nothing in memory; the image comes with it.
  for (const { start } of [mine, plain, confined]) await startMs(storage, await start());
  for (let n = 1; n <= RUNS; n++) {
    progress(`container start ${n} of ${RUNS}`);
    // Alternating, so that whatever else the machine does falls on all.
    for (const { start, timesMs } of [plain, mine, confined])
      timesMs.push(await startMs(storage, await start()));
  }
  const figure = (what: string, share: number, name: string, peer: Timed): Figure => ({
    what: `start to container process running, ${what}`,
    unit: "ms",
    ours: quantile(mine.timesMs, share),
    peer: { name, value: quantile(peer.timesMs, share) },
    ...(share === 0.5 && peer === plain ? { goal: { atMost: 1.2, of: "ratio" } } : {}),
  });
  return [
    figure("median", 0.5, "ctr run", plain),
    figure("median", 0.5, "ctr run --seccomp", confined),
    figure("least", 0, "ctr run", plain),
    figure("least", 0, "ctr run --seccomp", confined),
  ];
}

interface Timed {
  readonly start: () => Promise<Running>;
  readonly timesMs: number[];
}

async function startMs(storage: string, running: Running): Promise<number> {
  const begin = performance.now();
  const mark = join(storage, "runs");
  while (!existsSync(mark)) {
    if (performance.now() - begin > LIMIT_MS) throw new Error(`no container runs: ${running.stderr()}`);
    await Bun.sleep(1);
  }
  const timeMs = performance.now() - begin;
  const { exitCode } = await running.ended;
  if (exitCode !== 0) throw new Error(`a measured container exited with ${exitCode}: ${running.stderr()}`);
  await rm(mark);
  return timeMs;
}
