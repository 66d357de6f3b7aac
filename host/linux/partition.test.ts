import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DIRECT_BYTES, openPartition } from "./partition.ts";

const MIB = 1024 * 1024;
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pinwheel-partition-"));
  await mkdir(join(root, "dev"));
  await mkdir(join(root, "sys/class/block/vda9"), { recursive: true });
  await writeFile(join(root, "sys/class/block/vda9/size"), `${(2 * MIB) / 512}\n`);
  await writeFile(join(root, "dev/vda9"), new Uint8Array(2 * MIB));
});
afterEach(() => rm(root, { recursive: true }));

describe("a partition", () => {
  it("is as large as the kernel says", async () => {
    const partition = await openPartition(root, "vda9", "plain file");
    expect(partition.bytes).toBe(2 * MIB);
    await partition.close();
  });

  it("gives back what was written, at any place and up to its end", async () => {
    const partition = await openPartition(root, "vda9", "plain file");
    const end = 2 * MIB - 3;
    await partition.write(10, new Uint8Array([1, 2, 3]));
    await partition.write(end, new Uint8Array([4, 5, 6]));
    await partition.flush();
    const buffer = await partition.directBuffer(MIB);
    expect(await partition.readBack(0, buffer)).toBe(MIB);
    expect([...buffer.subarray(9, 14)]).toEqual([0, 1, 2, 3, 0]);
    expect(await partition.readBack(2 * MIB - DIRECT_BYTES, buffer)).toBe(DIRECT_BYTES);
    expect([...buffer.subarray(DIRECT_BYTES - 4, DIRECT_BYTES)]).toEqual([0, 4, 5, 6]);
    await partition.close();
  });

  it("must be there, and be a block device unless a test says otherwise", async () => {
    await expect(openPartition(root, "vda8", "device")).rejects.toThrow("there is no /dev/vda8");
    await expect(openPartition(root, "vda9", "device")).rejects.toThrow("/dev/vda9 is no block device");
    expect(await Bun.file(join(root, "dev/vda8")).exists()).toBeFalse();
  });
});
