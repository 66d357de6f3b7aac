/** An image brought from a registry into a containerd that has nothing of it: how long it takes, and what it costs. */
import { readFile } from "node:fs/promises";
import type { ContainerHost } from "../tests/containers/support/host.ts";
import { quantile } from "./quantile.ts";
import type { Figure } from "./report.ts";

const RUNS = 5;
const TICKS_PER_S = 100; // the kernel's unit of processor time for programs

interface Pull {
  readonly seconds: number;
  /** Of the client and of containerd. */
  readonly cpuS: number;
}

/**
 * @param registry  HOST:PORT, spoken to without TLS
 * @param image     REPOSITORY:TAG there
 */
export async function imagePulls(
  host: ContainerHost,
  registry: string,
  image: string,
  progress: (line: string) => void,
): Promise<readonly Figure[]> {
  const config = "--registry-config=/etc/host-containers/host-ctr.toml";
  const ctr = ["ctr", "-a", "/run/host-containerd/containerd.sock"];
  const mine: Pull[] = [];
  const theirs: Pull[] = [];
  for (let n = 1; n <= RUNS; n++) {
    progress(`pull ${n} of ${RUNS}`);
    const asTheirs = `${registry}/${image}`;
    theirs.push(await measure(host, [...ctr, "images", "pull", "--plain-http", asTheirs], asTheirs));
    const asMine = `registry.test/${image}`;
    mine.push(await measure(host, ["host-ctr", "pull-image", `--source=${asMine}`, config], asMine));
  }
  const figure = (what: string, of: (pull: Pull) => number): Figure => ({
    what: `pull of ${image}, ${what}`,
    unit: "s",
    ours: quantile(mine.map(of), 0.5),
    peer: { name: "ctr images pull", value: quantile(theirs.map(of), 0.5) },
  });
  return [
    figure("whole", ({ seconds }) => seconds),
    figure("processor time with containerd's", ({ cpuS }) => cpuS),
  ];
}

/** Pulls, and removes what came. */
async function measure(host: ContainerHost, words: readonly string[], name: string): Promise<Pull> {
  const content = () => host.ctr("content", "ls", "-q");
  const others = await content();
  const before = await cpuSecondsOf(host.containerdPid);
  const { exitCode, seconds, cpuS, stderr } = await host.run(words);
  if (exitCode !== 0) throw new Error(`${words.join(" ")}: exit code ${exitCode}: ${stderr}`);
  const pull = { seconds, cpuS: (await cpuSecondsOf(host.containerdPid)) - before + cpuS };
  // Which waits until the content is gone too.
  await host.ctr("images", "rm", "--sync", name);
  const left = (await content()).filter((digest) => !others.includes(digest));
  if (left.length > 0) throw new Error(`the next pull would find ${left.join(", ")}`);
  return pull;
}

async function cpuSecondsOf(pid: number): Promise<number> {
  // Behind the name in parentheses, which may have spaces: fields 14 and 15, user and system.
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}
