/** From starting the client to the first line that the container's process runs; the image is there already. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { ContainerHost, Running } from "../tests/containers/support/host.ts";
import { quantile } from "./load.ts";
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
  const mine = () => host.runContainer(NAME, source);
  const mount = `type=bind,src=/local/host-containers/${NAME},dst=/.bottlerocket/host-containers/current,options=rbind:rw`;
  const run = ["run", "--rm", "--net-host", "--mount", mount, source, "peer"];
  const theirs = async () => host.start(["ctr", "-a", "/run/host-containerd/containerd.sock", ...run]);
  // The first of each finds nothing in memory; the image comes with it.
  await startMs(storage, await mine());
  await startMs(storage, await theirs());
  const timesMs = { mine: [] as number[], theirs: [] as number[] };
  for (let n = 1; n <= RUNS; n++) {
    progress(`container start ${n} of ${RUNS}`);
    // Alternating, so that whatever else the machine does falls on both.
    timesMs.theirs.push(await startMs(storage, await theirs()));
    timesMs.mine.push(await startMs(storage, await mine()));
  }
  const figure = (what: string, share: number, goal?: Figure["goal"]): Figure => ({
    what: `start to container process running, ${what}`,
    unit: "ms",
    ours: quantile(
      timesMs.mine.toSorted((a, b) => a - b),
      share,
    ),
    peer: {
      name: "ctr run",
      value: quantile(
        timesMs.theirs.toSorted((a, b) => a - b),
        share,
      ),
    },
    ...(goal === undefined ? {} : { goal }),
  });
  return [figure("median", 0.5, { atMost: 1.2, of: "ratio" }), figure("least", 0)];
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
