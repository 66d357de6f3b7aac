/** For tests: a host in a directory, whose disk and partitions are files; and sources that serve what a test made. */
import { mkdir, mkdtemp, open, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { HostPlace } from "../host-sets.ts";
import { type BootFlags, readBootFlags } from "../partition-sets.ts";
import { partitionsOf, readPartitionTable } from "../partition-table.ts";
import { attributesOf, diskOf, memoryDisk, sampleSets, sampleTable, writeTable } from "../sample-table.ts";
import type { TargetSource } from "../target-source.ts";

const SECTORS = 4096;
const ROOT_DEVICE = 253n << 8n;
export const MIB = 1024 * 1024;

/** Runs from set A: what is written goes to vda9, vda8 and vda10. */
export class HostTree {
  readonly place: HostPlace;

  private constructor(readonly root: string) {
    this.place = { root, rootDevice: ROOT_DEVICE, devicesAreFiles: true };
  }

  /**
   * @param flags  of set B, as priority/tries left/successful
   * @param bytes  of the partitions of set B that are not 1 MiB, by number
   */
  static async make(flags = "1/0/1", bytes: ReadonlyMap<number, number> = new Map()): Promise<HostTree> {
    const tree = new HostTree(await mkdtemp(join(tmpdir(), "pinwheel-install-")));
    const disk = memoryDisk(SECTORS);
    writeTable(disk, sampleTable(disk, sampleSets(attributesOf("2/0/1"), attributesOf(flags))));
    await tree.#write("dev/vda", disk.content);
    await tree.#write("sys/devices/vda/size", `${SECTORS}\n`);
    await tree.#write("sys/dev/block/253:0/slaves/vda4", "");
    await mkdir(tree.path("sys/class/block"), { recursive: true });
    await symlink("../../devices/vda", tree.path("sys/class/block/vda"));
    for (let number = 1; number <= 13; number++) {
      const size = bytes.get(number) ?? MIB;
      await tree.#write(`sys/devices/vda/vda${number}/partition`, `${number}\n`);
      await tree.#write(`sys/devices/vda/vda${number}/size`, `${size / 512}\n`);
      await symlink(`../../devices/vda/vda${number}`, tree.path(`sys/class/block/vda${number}`));
      await tree.#write(`dev/vda${number}`, "");
      await truncate(tree.path(`dev/vda${number}`), size);
    }
    return tree;
  }

  path(name: string): string {
    return join(this.root, name);
  }

  /** What a partition begins with. */
  async read(number: number, bytes: number): Promise<Uint8Array> {
    await using file = await open(this.path(`dev/vda${number}`), "r");
    const { buffer } = await file.read(new Uint8Array(bytes), 0, bytes, 0);
    return buffer;
  }

  /** Flags of set B as the disk has them. */
  async flags(): Promise<BootFlags> {
    const { table } = readPartitionTable(diskOf(await readFile(this.path("dev/vda"))));
    const boot = (table ? partitionsOf(table) : []).find(({ number }) => number === 8);
    return readBootFlags(boot?.attributes ?? -1n);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true });
  }

  async #write(name: string, content: string | Uint8Array): Promise<void> {
    await mkdir(dirname(this.path(name)), { recursive: true });
    await writeFile(this.path(name), content);
  }
}

/** Targets by name, each as a function that serves its pieces. */
export function sourceOf(targets: ReadonlyMap<string, () => AsyncIterable<Uint8Array>>): TargetSource {
  const stream = (name: string) => {
    const serve = targets.get(name);
    if (serve === undefined) throw new Error(`there is no target ${name}`);
    return serve();
  };
  return {
    has: (name) => targets.has(name),
    length: () => 1000,
    read: async (name) => new Uint8Array(Buffer.concat(await Array.fromAsync(stream(name)))),
    stream,
  };
}
