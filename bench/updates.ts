/** Updates: writing one to a host, beside the decompressor and the hash alone; and publishing more and more of them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HostTree, MIB } from "../host/update/install/testing.ts";
import type { Benchmark, Figure } from "./report.ts";
import { repositoryGrowth } from "./repository-growth.ts";
import { type ImageFiles, imagesOfBuild, lz4, repeatedBytes, repeatedImage } from "./update-images.ts";
import type { WriterTask, WriterTimes } from "./update-writer.ts";

const ROUNDS = 5;
const LIMIT_MB = 120;
const LARGE_GIB = [1, 4];
const GIB = 1024 * MIB;
const IMAGES = ["root", "boot", "hash"] as const;
/** Of the partitions of the inactive set; those of an image of 2 GiB (os-image.md 1.2). */
const PARTITIONS = new Map([
  [8, 40 * MIB],
  [9, 920 * MIB],
  [10, 10 * MIB],
]);

export const updatesBenchmark: Benchmark = {
  name: "updates",
  about: "Writing an update, beside lz4 -d and sha256sum; its memory; repositories of many releases",
  async run(progress) {
    const scratch = await mkdtemp(join(tmpdir(), "pinwheel-bench-"));
    try {
      const images = await imagesOfBuild(scratch, progress);
      return [
        ...(await writing(scratch, images, progress)),
        ...(await memory(scratch, images, progress)),
        ...(await repositoryGrowth(scratch, progress)),
      ];
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  },
};

/** The shortest of some rounds each, in turns: whatever else the machine does can only make one longer. */
async function writing(
  scratch: string,
  images: ImageFiles,
  progress: (line: string) => void,
): Promise<readonly Figure[]> {
  using server = serve(new Map(IMAGES.map((image) => [image, () => Bun.file(images[image].path)])));
  const targets = server.targets(images);
  const [ours, decompressing, hashing]: [number[], number[], number[]] = [[], [], []];
  for (let round = 1; round <= ROUNDS; round++) {
    progress(`writing an update, ${round} of ${ROUNDS}`);
    decompressing.push(await timeMs(() => decompressAll(scratch, images)));
    hashing.push(await timeMs(() => run("sha256sum", ...IMAGES.map((image) => images[image].path))));
    await using host = await HostTree.make("1/0/1", PARTITIONS);
    ours.push((await write(host, targets)).ms);
  }
  const [own, lz4Ms, sha256Ms] = [ours, decompressing, hashing].map((times) => Math.min(...times));
  const what = "fetch, verify, decompress, write and read back an update";
  const figure = (peer: string, value = Number.NaN, goal?: Figure["goal"]): Figure => ({
    what,
    unit: "s",
    ours: (own ?? Number.NaN) / 1000,
    peer: { name: peer, value: value / 1000 },
    ...(goal === undefined ? {} : { goal }),
  });
  const larger = (lz4Ms ?? 0) > (sha256Ms ?? 0) ? "lz4 -d and sync" : "sha256sum";
  return [
    figure("lz4 -d and sync", lz4Ms),
    figure("sha256sum", sha256Ms),
    figure(`the larger: ${larger}`, Math.max(lz4Ms ?? 0, sha256Ms ?? 0), { atMost: 1.2, of: "ratio" }),
  ];
}

/** To files on the same disk, until everything is on it. */
async function decompressAll(scratch: string, images: ImageFiles): Promise<void> {
  for (const image of IMAGES) {
    const to = join(scratch, "decompressed");
    await lz4("-q", "-d", "-f", "--no-sparse", images[image].path, to);
    await run("sync", to);
    await rm(to);
  }
}

async function memory(
  scratch: string,
  images: ImageFiles,
  progress: (line: string) => void,
): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const gib of LARGE_GIB) {
    progress(`writing a root image of ${gib} GiB`);
    const root = await repeatedImage(scratch, images.root, gib * GIB);
    using server = serve(
      new Map<string, () => Blob | ReadableStream<Uint8Array>>([
        ["root", () => repeatedBytes(root)],
        ["boot", () => Bun.file(images.boot.path)],
        ["hash", () => Bun.file(images.hash.path)],
      ]),
    );
    await using host = await HostTree.make("1/0/1", new Map([...PARTITIONS, [9, gib * GIB]]));
    const { ms, ownMb, decompressorMb } = await write(host, server.targets({ ...images, root }));
    figures.push(
      {
        what: `most memory while a root of ${gib} GiB is written, lz4 (${decompressorMb.toFixed(0)} MB) included`,
        unit: "MB",
        ours: ownMb + decompressorMb,
        goal: { atMost: LIMIT_MB, of: "value" },
      },
      { what: `a root of ${gib} GiB`, unit: "MB/s", ours: (gib * GIB) / 1e6 / (ms / 1000) },
    );
  }
  return figures;
}

async function write(host: HostTree, targets: WriterTask["targets"]): Promise<WriterTimes> {
  const { root, rootDevice = 0n } = host.place;
  const task: WriterTask = { place: { root, rootDevice: String(rootDevice) }, targets };
  const child = Bun.spawn(
    [process.execPath, join(import.meta.dirname, "update-writer.ts"), JSON.stringify(task)],
    { env: { PATH: process.env.PATH, BUN_JSC_useJIT: "0" }, stdout: "pipe", stderr: "inherit" },
  );
  const printed = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error("the writer failed; see above");
  return JSON.parse(printed);
}

/** Serves images by their names, on a port of its own. */
function serve(bodies: ReadonlyMap<string, () => Blob | ReadableStream<Uint8Array>>) {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0, // a writer that waits for its disk does not read
    fetch: (request) => new Response(bodies.get(new URL(request.url).pathname.slice(1))?.()),
  });
  const url = (image: string) => `http://127.0.0.1:${server.port}/${image}`;
  return {
    targets: (
      images: {
        readonly [Image in keyof ImageFiles]: { readonly length: number; readonly sha256: string };
      },
    ): WriterTask["targets"] => {
      const target = (image: keyof ImageFiles) => {
        const { length, sha256 } = images[image];
        return { url: url(image), length, sha256 };
      };
      return { root: target("root"), boot: target("boot"), hash: target("hash") };
    },
    [Symbol.dispose]: () => {
      server.stop(true);
    },
  };
}

async function timeMs(work: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

async function run(...command: readonly string[]): Promise<void> {
  const { exited } = Bun.spawn([...command], { stdout: "ignore", stderr: "inherit" });
  if ((await exited) !== 0) throw new Error(`${command.join(" ")} failed`);
}
