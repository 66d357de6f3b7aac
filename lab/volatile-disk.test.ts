/** A disk that forgets in a power cut what was not flushed, served to QEMU's own client. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ensureSdk, progressLines, type Sdk } from "../sdk/index.ts";
import { VolatileDisk } from "./volatile-disk.ts";

const SECTOR = 512;
const SIZE = 1024 * 1024;
const NONE = () => false;
let directory: string;
let sdk: Sdk;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "pinwheel-volatile-"));
  sdk = await ensureSdk(progressLines());
});
afterAll(() => rm(directory, { recursive: true }));

async function newDisk(): Promise<{ disk: VolatileDisk; path: string }> {
  const path = join(directory, `${crypto.randomUUID()}.img`);
  await writeFile(path, Buffer.alloc(SIZE));
  return { disk: new VolatileDisk(path), path };
}

const sectors = (count: number, byte: number) => Buffer.alloc(count * SECTOR, byte);
const onMedium = async (path: string, sector: number) =>
  (
    await Bun.file(path)
      .slice(sector * SECTOR, sector * SECTOR + 1)
      .bytes()
  )[0];

describe("a disk with a volatile cache", () => {
  it("reads back at once what was written, in whole or in part", async () => {
    const { disk } = await newDisk();
    disk.write(2 * SECTOR, sectors(3, 7), false);
    disk.write(3 * SECTOR, sectors(1, 8), false);
    const read = disk.read(SECTOR, 5 * SECTOR);
    expect([0, 1, 2, 3, 4].map((n) => read[n * SECTOR])).toEqual([0, 7, 8, 7, 0]);
    disk.close();
  });

  it("loses in a power cut what was not flushed, and nothing else", async () => {
    const { disk, path } = await newDisk();
    disk.write(0, sectors(1, 1), false);
    disk.flush();
    disk.write(0, sectors(2, 2), false);
    disk.write(5 * SECTOR, sectors(1, 3), true);
    expect(disk.cut(NONE)).toBe(2);
    expect(await Promise.all([0, 1, 5].map((sector) => onMedium(path, sector)))).toEqual([1, 0, 3]);
  });

  it("keeps of it what chance has let reach the medium, sector by sector", async () => {
    const { disk, path } = await newDisk();
    disk.write(0, sectors(4, 9), false);
    let asked = 0;
    expect(disk.cut(() => asked++ % 2 === 0)).toBe(2);
    expect(await Promise.all([0, 1, 2, 3].map((sector) => onMedium(path, sector)))).toEqual([9, 0, 9, 0]);
  });

  it("loses nothing when it is switched off in order", async () => {
    const { disk, path } = await newDisk();
    disk.write(0, sectors(1, 4), false);
    disk.close();
    expect(await onMedium(path, 0)).toBe(4);
  });

  it("is read, written and flushed by QEMU over its socket", async () => {
    const { disk, path } = await newDisk();
    const socket = await disk.serve();
    const uri = `nbd+unix:///?socket=${socket}`;
    const io = [
      "-c",
      "write -P 5 4096 8192",
      "-c",
      "read -P 5 4096 8192",
      "-c",
      "write -z 4096 4096",
      "-c",
      "flush",
    ];
    const output = await sdk.run(["qemu-io", "-f", "raw", uri, ...io], { writable: [dirname(socket)] });
    expect(output).toContain("wrote 8192/8192 bytes at offset 4096");
    expect(output).toContain("read 8192/8192 bytes at offset 4096");
    expect([await onMedium(path, 8), await onMedium(path, 16)]).toEqual([0, 5]);
    const info = await sdk.run(["qemu-img", "info", "--output=json", uri], { writable: [dirname(socket)] });
    expect(JSON.parse(info)["virtual-size"]).toBe(SIZE);
    disk.close();
  }, 60_000);

  it("hangs up on a client that speaks something else", async () => {
    const { disk } = await newDisk();
    const client = connect(await disk.serve()).resume();
    client.write("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n");
    await new Promise((resolve) => client.once("close", resolve));
    disk.close();
  });
});
