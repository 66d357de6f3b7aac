/**
 * A disk with a write cache, as real ones have: what was written and not flushed is lost by a power cut, some of it.
 *
 * QEMU on a plain file cannot show this: what a guest wrote is in the file even when QEMU is killed, so a host that
 * forgets to flush would pass every test. The cache lives in this process, and the disk with it.
 */
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type ServedDisk, serveNbd } from "./nbd.ts";

const SECTOR_BYTES = 512;

export class VolatileDisk implements ServedDisk {
  readonly sizeBytes: number;
  private readonly file: number;
  /** Sectors that were written and not flushed, by their number. */
  private readonly cache = new Map<number, Buffer>();
  private server: Server | undefined;
  private isPowered = true;

  /** @param path  a raw image that nothing else writes meanwhile */
  constructor(path: string) {
    this.file = openSync(path, "r+");
    this.sizeBytes = fstatSync(this.file).size;
  }

  /**
   * Serves the disk over NBD.
   *
   * @returns the socket, in a directory of its own with a short name: a socket's name holds 107 bytes
   */
  async serve(): Promise<string> {
    const socketPath = join(await mkdtemp(join(tmpdir(), "pinwheel-disk-")), "nbd.sock");
    const server = createServer((socket) => {
      // A killed QEMU ends its connection in the middle of whatever it was saying; that is what this disk is for.
      serveNbd(socket, this)
        .catch(() => undefined)
        .finally(() => socket.destroy());
    });
    this.server = server;
    server.once("close", () => void rm(dirname(socketPath), { recursive: true, force: true }));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(socketPath, () => resolve());
    });
    return socketPath;
  }

  read(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    readSync(this.file, bytes, 0, length, offset);
    const first = offset / SECTOR_BYTES;
    for (let n = 0; this.cache.size > 0 && n < length / SECTOR_BYTES; n++) {
      this.cache.get(first + n)?.copy(bytes, n * SECTOR_BYTES);
    }
    return bytes;
  }

  write(offset: number, bytes: Uint8Array, durable: boolean): void {
    if (!this.isPowered) return;
    if (offset % SECTOR_BYTES !== 0 || bytes.length % SECTOR_BYTES !== 0)
      throw new RangeError("half a sector");
    const first = offset / SECTOR_BYTES;
    const copy = Buffer.from(bytes); // the caller's bytes may be part of something larger
    for (let n = 0; n < bytes.length / SECTOR_BYTES; n++) {
      if (durable) this.cache.delete(first + n);
      else this.cache.set(first + n, copy.subarray(n * SECTOR_BYTES, (n + 1) * SECTOR_BYTES));
    }
    if (durable) writeSync(this.file, bytes, 0, bytes.length, offset);
  }

  flush(): void {
    if (!this.isPowered) return;
    for (const [sector, bytes] of this.cache) this.put(sector, bytes);
    this.cache.clear();
  }

  /**
   * The power is gone: of the cached sectors each has reached the medium or not, in no order. The disk serves no more.
   *
   * @param reaches  whether the next sector has; chance, unless a test decides
   * @returns how many sectors were lost
   */
  cut(reaches: () => boolean = () => Math.random() < 0.5): number {
    let lost = 0;
    for (const [sector, bytes] of this.cache) {
      if (reaches()) this.put(sector, bytes);
      else lost++;
    }
    this.cache.clear();
    this.close();
    return lost;
  }

  /** Ends the disk in order: nothing is lost. */
  close(): void {
    if (!this.isPowered) return;
    this.flush();
    this.isPowered = false;
    this.server?.close();
    fsyncSync(this.file);
    closeSync(this.file);
  }

  private put(sector: number, bytes: Buffer): void {
    writeSync(this.file, bytes, 0, bytes.length, sector * SECTOR_BYTES);
  }
}
