import { describe, expect, it } from "bun:test";
import { readdir, rm, writeFile } from "node:fs/promises";
import { Failure } from "../../linux/failure.ts";
import { HostTree, MIB, sourceOf } from "./testing.ts";
import { frameOf, inPieces, joined, lz4Missing } from "./testing-frames.ts";
import { type ImageName, writeImages } from "./write-images.ts";

const images = { root: "a-root.ext4.lz4", boot: "a-boot.ext4.lz4", hash: "a-root.verity.lz4" };
const cleared = { priority: 0, triesLeft: 0, successful: false, starts: 0 };
const partition = { boot: 8, root: 9, hash: 10 };
const never = new AbortController().signal;

// The last one ends within a block of the disk.
const contents = {
  root: joined(new Uint8Array(300_000), "root ".repeat(100_000)),
  boot: joined("boot ".repeat(50_000)),
  hash: joined("hash ".repeat(1000), "!"),
};

type Serve = () => AsyncIterable<Uint8Array>;

/** Good images, but for those that a test serves otherwise. */
function repository(others: { readonly [Image in ImageName]?: Serve } = {}) {
  const names: readonly ImageName[] = ["root", "boot", "hash"];
  const serve = (image: ImageName): Serve => others[image] ?? (() => inPieces(frameOf(contents[image])));
  return sourceOf(new Map(names.map((image) => [images[image], serve(image)])));
}

/** Code, sentence and hint of the failure, as a person sees them. */
async function failure(work: Promise<void>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Failure) return `${error.code}\n${error.message}\n${error.hint}`;
  return error instanceof Error ? error.message : `no failure: ${error}`;
}

const write = (tree: HostTree, source = repository(), signal = never, progress: Progress = () => undefined) =>
  writeImages({ place: tree.place, source, images, progress, signal });
type Progress = Parameters<typeof writeImages>[0]["progress"];

describe.skipIf(lz4Missing)("writing an update to the inactive set (updates 7.1)", () => {
  it("puts the three images where they belong and leaves the rest of each partition as it was", async () => {
    await using tree = await HostTree.make();
    for (const number of Object.values(partition))
      await writeFile(tree.path(`dev/vda${number}`), Buffer.alloc(MIB, "old"));
    await write(tree);
    for (const image of ["root", "boot", "hash"] as const) {
      const whole = joined(contents[image], Buffer.alloc(MIB, "old").subarray(contents[image].length));
      expect(Buffer.compare(await tree.read(partition[image], MIB), whole)).toBe(0);
    }
  });

  it("makes the set valid, and neither chosen nor proven: one try, priority 0 (updates Check 23)", async () => {
    await using tree = await HostTree.make();
    await write(tree);
    expect(await tree.flags()).toEqual({ ...cleared, triesLeft: 1 });
  });

  it("clears the set before the first byte is asked for, and keeps it cleared up to the last", async () => {
    await using tree = await HostTree.make("1/0/1");
    const seen: unknown[] = [];
    const served = (image: ImageName) =>
      async function* () {
        seen.push(await tree.flags());
        yield* inPieces(frameOf(contents[image]));
        seen.push(await tree.flags());
      };
    await write(tree, repository({ root: served("root"), boot: served("boot"), hash: served("hash") }));
    expect(seen).toEqual(new Array(6).fill(cleared));
  });

  it("tells how far it is: root, then boot, then hash, in bytes as they are served", async () => {
    await using tree = await HostTree.make();
    const steps: unknown[] = [];
    await write(tree, repository(), never, (step) => steps.push(step));
    const lengths = (["root", "boot", "hash"] as const).map((image) => ({
      image,
      done: frameOf(contents[image]).length,
      total: 1000,
    }));
    expect(steps).toEqual(lengths);
  });

  it("never touches the active set", async () => {
    await using tree = await HostTree.make();
    for (const number of [3, 4, 5]) await writeFile(tree.path(`dev/vda${number}`), "running");
    await write(tree);
    for (const number of [3, 4, 5])
      expect(await Bun.file(tree.path(`dev/vda${number}`)).text()).toBe("running");
  });
});

const CLEARED = "The inactive set stays cleared and this host starts what it runs now.";

describe.skipIf(lz4Missing)("an update that fails leaves the inactive set cleared and says why", () => {
  const root = frameOf(contents.root);
  const ofZeros = (bytes: number, ...flags: readonly string[]) => {
    const frame = frameOf(new Uint8Array(bytes), ...flags);
    return () => inPieces(frame);
  };
  const writing = "Writing the root image a-root.ext4.lz4 to /dev/vda9";
  const table: [situation: string, serve: Serve, said: readonly string[]][] = [
    [
      "when its hash, known at the end, is wrong (updates Check 21)",
      async function* () {
        yield* inPieces(root);
        throw new Error("its SHA-256 is not the signed one");
      },
      [
        "install/not-fetched",
        `${writing} stopped, because it could not be fetched: its SHA-256 is not the signed one`,
        `${CLEARED} Try again; if it stays so, tell whoever publishes the repository`,
      ],
    ],
    [
      "when it is cut off",
      () => inPieces(root.subarray(0, 1000)),
      [
        "install/bad-image",
        `${writing} stopped, because it cannot be decompressed: the LZ4 frame is cut off after 1000 bytes`,
        `${CLEARED} Whoever publishes the repository has to publish this version anew`,
      ],
    ],
    [
      "when anything follows the image (updates Check 21)",
      () => inPieces(joined(root, "\0")),
      [
        "install/bad-image",
        `${writing} stopped, because it cannot be decompressed: bytes follow the end of the LZ4 frame at byte ${root.length}`,
        `${CLEARED} Whoever publishes the repository has to publish this version anew`,
      ],
    ],
    [
      "when it holds nothing",
      ofZeros(0),
      [
        "install/bad-image",
        `${writing} stopped, because it cannot be decompressed: it is empty`,
        `${CLEARED} Whoever publishes the repository has to publish this version anew`,
      ],
    ],
    [
      "when it says that it is larger than the partition by one byte",
      ofZeros(MIB + 1, "--content-size"),
      [
        "install/too-large",
        `${writing} stopped, because it is too large: /dev/vda9 holds 1048576 bytes, the image has 1048577`,
        `${CLEARED} Partitions never grow: this host needs a version that was built for their sizes`,
      ],
    ],
  ];
  for (const [situation, serve, said] of table) {
    it(situation, async () => {
      await using tree = await HostTree.make("1/0/1");
      expect(await failure(write(tree, repository({ root: serve })))).toBe(said.join("\n"));
      expect(await tree.flags()).toEqual(cleared);
    });
  }

  it("when it is larger than the partition and does not say so, at the first byte beyond", async () => {
    await using tree = await HostTree.make("1/0/1");
    const said = await failure(write(tree, repository({ boot: ofZeros(MIB + 1) })));
    expect(said).toMatch(
      /^install\/too-large\nWriting the boot image a-boot.ext4.lz4 to \/dev\/vda8 .* holds 1048576 bytes, the image has at least 10\d+\n/,
    );
    expect(await tree.flags()).toEqual(cleared);
    expect(Bun.file(tree.path("dev/vda8")).size).toBe(MIB);
  });

  it("but not when it fills the partition to its last byte", async () => {
    await using tree = await HostTree.make("1/0/1");
    await write(tree, repository({ root: ofZeros(MIB) }));
    expect(await tree.flags()).toEqual({ ...cleared, triesLeft: 1 });
  });

  it("when a small target would become a gigabyte: no more than the partition holds is decompressed", async () => {
    await using tree = await HostTree.make("1/0/1");
    // Every block says the same: 4 MiB of zeros.
    const one = frameOf(new Uint8Array(4 * MIB), "--no-frame-crc");
    const block = one.subarray(7, -4);
    let blocks = 0;
    async function* bomb() {
      yield one.subarray(0, 7);
      for (; blocks < 256; blocks++) yield block;
      yield new Uint8Array(4);
    }
    expect(await failure(write(tree, repository({ root: bomb })))).toStartWith("install/too-large\n");
    expect(blocks).toBeLessThan(256);
    expect(await tree.flags()).toEqual(cleared);
  });

  it("when the last of the three fails, too", async () => {
    await using tree = await HostTree.make("1/0/1");
    const said = await failure(write(tree, repository({ hash: () => inPieces(joined("no frame")) })));
    expect(said).toContain("Writing the hash image a-root.verity.lz4 to /dev/vda10 stopped");
    expect(await tree.flags()).toEqual(cleared);
  });

  it("when it is given up while an image comes", async () => {
    await using tree = await HostTree.make("1/0/1");
    const abort = new AbortController();
    async function* slow() {
      yield root.subarray(0, 1000);
      abort.abort(new Error("updog was told to end"));
      await new Promise(() => undefined);
    }
    expect(await failure(write(tree, repository({ boot: slow }), abort.signal))).toBe(
      "updog was told to end",
    );
    expect(await tree.flags()).toEqual(cleared);
  });

  it("and the next one can be written over it", async () => {
    await using tree = await HostTree.make("1/0/1");
    await failure(write(tree, repository({ root: () => inPieces(joined("no frame")) })));
    await write(tree);
    expect(await tree.flags()).toEqual({ ...cleared, triesLeft: 1 });
  });
});

describe("nothing is changed", () => {
  it("when an image is not among the signed targets", async () => {
    await using tree = await HostTree.make("1/0/1");
    const said = await failure(
      write(tree, sourceOf(new Map([[images.root, () => inPieces(contents.root)]]))),
    );
    expect(said).toBe(
      [
        "install/no-target",
        "The boot image a-boot.ext4.lz4 is not among the targets of the update repository",
        "Whoever publishes there has to add it and sign anew; nothing was changed",
      ].join("\n"),
    );
    expect(await tree.flags()).toEqual({ ...cleared, priority: 1, successful: true });
  });

  it("when a device is missing, which does not become a file", async () => {
    await using tree = await HostTree.make("1/0/1");
    await rm(tree.path("dev/vda10"));
    expect(await failure(write(tree))).toBe(
      [
        "install/no-partition",
        "The hash image cannot be written to /dev/vda10: there is no /dev/vda10",
        "See the sets with `signpost status`; nothing was changed",
      ].join("\n"),
    );
    expect(await readdir(tree.path("dev"))).not.toContain("vda10");
    expect(await tree.flags()).toEqual({ ...cleared, priority: 1, successful: true });
  });

  it("when what is there is no block device", async () => {
    await using tree = await HostTree.make("1/0/1");
    const place = { ...tree.place, devicesAreFiles: false };
    const work = writeImages({
      place,
      source: repository(),
      images,
      progress: () => undefined,
      signal: never,
    });
    expect(await failure(work)).toContain("cannot be written to /dev/vda9: /dev/vda9 is no block device\n");
    expect(await tree.flags()).toEqual({ ...cleared, priority: 1, successful: true });
  });

  it("when it was given up before it began", async () => {
    await using tree = await HostTree.make("1/0/1");
    expect(await failure(write(tree, repository(), AbortSignal.abort(new Error("told to end"))))).toBe(
      "told to end",
    );
    expect(await tree.flags()).toEqual({ ...cleared, priority: 1, successful: true });
  });
});
