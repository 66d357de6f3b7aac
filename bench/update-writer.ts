/**
 * Started by the benchmark of updates as a process of its own, without the JIT as on a host: writes an update that a
 * server has, and prints how long that took and how much memory it needed at most.
 */
import { readdir, readFile } from "node:fs/promises";
import type { HostPlace, ImageName, TargetSource } from "../host/update/index.ts";
import { writeImages } from "../host/update/index.ts";
import { memoryMb } from "../tests/api/support/memory.ts";

/** What one writing is given, as JSON. */
export interface WriterTask {
  readonly place: { readonly root: string; readonly rootDevice: string };
  readonly targets: { readonly [Image in ImageName]: ServedTarget };
}

export interface ServedTarget {
  readonly url: string;
  readonly length: number;
  readonly sha256: string;
}

/** What it prints, as JSON. */
export interface WriterTimes {
  readonly ms: number;
  readonly ownMb: number;
  readonly decompressorMb: number;
}

const SAMPLE_MS = 50;

if (import.meta.main) {
  const task: WriterTask = JSON.parse(process.argv[2] ?? "");
  console.log(JSON.stringify(await measure(task)));
}

async function measure({ place, targets }: WriterTask): Promise<WriterTimes> {
  let decompressorMb = 0;
  const timer = setInterval(async () => {
    decompressorMb = Math.max(decompressorMb, ...(await childrenMb()));
  }, SAMPLE_MS);
  const host: HostPlace = {
    root: place.root,
    rootDevice: BigInt(place.rootDevice),
    devicesAreFiles: true,
  };
  const begin = performance.now();
  await writeImages({
    place: host,
    source: served(new Map(Object.entries(targets))),
    images: { root: "root", boot: "boot", hash: "hash" },
    progress: () => undefined,
    signal: new AbortController().signal,
  });
  const ms = performance.now() - begin;
  clearInterval(timer);
  return { ms, ownMb: await memoryMb(process.pid, "VmHWM"), decompressorMb };
}

/** The most that each child ever had. A child that ends meanwhile has been looked at before. */
async function childrenMb(): Promise<readonly number[]> {
  const tasks = await readdir("/proc/self/task");
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/self/task/${task}/children`, "utf8").catch(() => "")),
  );
  const pids = lists.join(" ").split(" ").filter(Boolean).map(Number);
  return Promise.all(pids.map((pid) => memoryMb(pid, "VmHWM").catch(() => 0))).then((all) =>
    all.filter((mb) => !Number.isNaN(mb)),
  );
}

function served(targets: ReadonlyMap<string, ServedTarget>): TargetSource {
  const find = (name: string): ServedTarget => {
    const target = targets.get(name);
    if (target === undefined) throw new Error(`there is no target ${name}`);
    return target;
  };
  return {
    has: (name) => targets.has(name),
    length: (name) => find(name).length,
    read: async (name) => (await fetch(find(name).url)).bytes(),
    stream: (name) => verified(find(name)),
  };
}

async function* verified({ url, length, sha256 }: ServedTarget): AsyncGenerator<Uint8Array> {
  const { body } = await fetch(url);
  const hash = new Bun.CryptoHasher("sha256");
  let bytes = 0;
  for await (const piece of body ?? []) {
    hash.update(piece);
    bytes += piece.length;
    yield piece;
  }
  if (bytes !== length || hash.digest("hex") !== sha256) throw new Error(`${url} is not what was promised`);
}
