/** What an image weighs and how long its build takes, beside a stock Debian 13 with the same kernel and containerd. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage } from "../image/build.ts";
import { ensureSdk, progressLines, type Sdk } from "../sdk/index.ts";
import { type PeerDebian, peerDebian } from "./peer-debian.ts";
import type { Benchmark } from "./report.ts";

const TOP = join(import.meta.dirname, "..");
/** What is made anew when a file of a variant changes; the build environment and the packages stay. */
const REMADE_BY_A_CHANGE = ["root", "partitions"];

export const imageBenchmark: Benchmark = {
  name: "image",
  about: "Size of the image and time to build it, beside a stock Debian 13",
  async run(progress) {
    const sdk = await ensureSdk(progressLines());
    const image = await buildImage("metal-dev", { progress: progressLines() });
    const peer = await peerSize(sdk, await peerDebian(sdk, progress));
    const { coldS, warmS } = await buildTimes(progress);
    const name = "stock Debian 13";
    return [
      {
        what: "root file system, compressed",
        unit: "MB",
        ours: Bun.file(join(image.directory, "pinwheel-metal-dev-x86_64-root.ext4.lz4")).size / 1e6,
        peer: { name: `${name}, as installed`, value: peer.megabytes },
      },
      {
        what: "executables",
        unit: "files",
        ours: image.report.executables,
        peer: { name, value: peer.executables },
      },
      { what: "image build, cold", unit: "s", ours: coldS, goal: { atMost: 360, of: "value" } },
      { what: "image build, warm", unit: "s", ours: warmS, goal: { atMost: 60, of: "value" } },
    ];
  },
};

/** Counts what is in the peer's root file system, read from its disk image without mounting it. */
async function peerSize(sdk: Sdk, peer: PeerDebian): Promise<{ megabytes: number; executables: number }> {
  const mine = { readable: [peer.directory] };
  const header = await sdk.run(["dumpe2fs", "-h", peer.disk], mine);
  const field = (label: string) => Number(new RegExp(`^${label}: +(\\d+)$`, "m").exec(header)?.[1]);
  const usedBlocks = field("Block count") - field("Free blocks");
  const listed = await Promise.all(
    ["/usr/bin", "/usr/sbin"].map((directory) =>
      sdk.run(["debugfs", "-R", `ls -p ${directory}`, peer.disk], mine),
    ),
  );
  // One line a file: /inode/mode/owner/group/name/size/; regular files with an execute bit count, links do not.
  const executables = listed.join("\n").match(/^\/\d+\/100[0-7]*[1357][0-7]{0,2}\//gm)?.length ?? 0;
  return { megabytes: (usedBlocks * field("Block size")) / 1e6, executables };
}

/** Builds with an empty cache, and again after what a changed variant file would throw away. */
async function buildTimes(progress: (line: string) => void): Promise<{ coldS: number; warmS: number }> {
  const work = await mkdtemp(join(tmpdir(), "pinwheel-bench-"));
  try {
    const cache = join(work, "cache");
    progress("building an image with an empty cache");
    const coldS = await timedBuild(work, cache);
    const kinds = await readdir(join(cache, "pinwheel"));
    for (const kind of REMADE_BY_A_CHANGE) {
      if (!kinds.includes(kind)) throw new Error(`the cache has no ${kind}, only ${kinds.join(", ")}`);
      await rm(join(cache, "pinwheel", kind), { recursive: true });
    }
    await rm(join(work, "images"), { recursive: true });
    progress("building it again after a change");
    return { coldS, warmS: await timedBuild(work, cache) };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function timedBuild(work: string, cache: string): Promise<number> {
  const begin = performance.now();
  const child = Bun.spawn([join(TOP, "bin/pinwheel"), "build", "metal-dev", "--out", join(work, "images")], {
    env: { ...process.env, XDG_CACHE_HOME: cache },
    stdout: "ignore",
    stderr: "inherit",
  });
  if ((await child.exited) !== 0) throw new Error("the build failed; see above");
  return (performance.now() - begin) / 1000;
}
