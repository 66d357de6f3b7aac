import { describe, expect, it } from "bun:test";
import { Failure } from "../../linux/failure.ts";
import type { Partition } from "../../linux/partition.ts";
import { PartitionWriter } from "./write-partition.ts";

const MIB = 1024 * 1024;
const facts = { image: "root", target: "root.lz4", device: "/dev/vda9" };

/** A disk in memory that can fail like a real one. */
function disk(failing: Partial<Pick<Partition, "write" | "flush" | "readBack">> = {}) {
  const medium = new Uint8Array(80 * MIB);
  const calls: string[] = [];
  const partition: Partition = {
    path: "/dev/vda9",
    bytes: medium.length,
    write: async (at, piece) => {
      calls.push(`write ${at}`);
      medium.set(piece, at);
    },
    flush: async () => {
      calls.push("flush");
    },
    readBack: async (at, into) => {
      calls.push(`read ${at}`);
      into.set(medium.subarray(at, at + into.length));
      return Math.min(into.length, medium.length - at);
    },
    directBuffer: async (bytes) => new Uint8Array(bytes),
    close: async () => undefined,
    ...failing,
  };
  return { partition, medium, calls };
}

/** Bytes that are different wherever one looks. */
const pattern = (bytes: number) =>
  new Uint8Array(Uint32Array.from({ length: bytes / 4 }, (_, i) => i * 2654435761).buffer);

async function writeAll(partition: Partition, image: Uint8Array, pieceBytes = 100_000): Promise<string> {
  const writer = await PartitionWriter.make(partition, facts);
  try {
    for (let at = 0; at < image.length; at += pieceBytes)
      await writer.add(image.subarray(at, at + pieceBytes));
    return `${await writer.finish()} bytes`;
  } catch (error) {
    return error instanceof Failure ? `${error.code}: ${error.message}` : String(error);
  } finally {
    await writer.stop();
  }
}

describe("what is written to a partition", () => {
  const image = pattern(70 * MIB);

  it("is what came, however it was cut", async () => {
    for (const pieceBytes of [65_536, 2 * MIB, 7 * MIB + 4, image.length]) {
      const { partition, medium } = disk();
      expect(await writeAll(partition, image, pieceBytes)).toBe(`${image.length} bytes`);
      expect(Buffer.compare(medium.subarray(0, image.length), image)).toBe(0);
    }
  });

  it("is read back, every byte of it, after it was brought to the medium", async () => {
    const { partition, calls } = disk();
    await writeAll(partition, image);
    const places = Array.from({ length: 35 }, (_, n) => n * 2 * MIB);
    for (const at of places) {
      const [written, read] = [calls.indexOf(`write ${at}`), calls.indexOf(`read ${at}`)];
      expect(written).toBeGreaterThanOrEqual(0);
      expect(calls.slice(written, read)).toContain("flush");
    }
    expect(calls.filter((call) => call.startsWith("read"))).toHaveLength(places.length);
  });

  it("is read back while the rest is still coming, so that no more than 64 MiB ever wait", async () => {
    const { partition, calls } = disk();
    await writeAll(partition, image);
    expect(calls.indexOf("read 0")).toBeLessThan(calls.indexOf(`write ${64 * MIB}`));
  });
});

describe("a disk that fails is found out, wherever it fails", () => {
  const image = pattern(70 * MIB);
  const last = 34 * 2 * MIB; // where the last piece begins
  const failing = async () => {
    throw new Error("EIO: i/o error, write");
  };
  const table: [situation: string, failing: Parameters<typeof disk>[0], said: string][] = [
    [
      "when it refuses to write",
      { write: failing },
      "install/not-written: Writing the root image root.lz4 to /dev/vda9 failed at byte 0: EIO: i/o error, write",
    ],
    [
      "when it says so only when it is asked to bring everything to the medium",
      { flush: failing },
      "install/not-written: Writing the root image root.lz4 to /dev/vda9 failed at byte 0: EIO: i/o error, write",
    ],
    [
      "when it cannot read what it wrote",
      { readBack: failing },
      "install/not-kept: Writing the root image root.lz4 to /dev/vda9 failed: 2097152 bytes at byte 0 are not on the disk as they were written (EIO: i/o error, write)",
    ],
    [
      "when it is shorter than it says",
      { readBack: async () => 4096 },
      "install/not-kept: Writing the root image root.lz4 to /dev/vda9 failed: 2097152 bytes at byte 0 are not on the disk as they were written (only 4096 of them can be read)",
    ],
  ];
  for (const [situation, how, said] of table) {
    it(situation, async () => {
      expect(await writeAll(disk(how).partition, image)).toBe(said);
    });
  }

  it("when it loses one bit, in the first piece or in the last", async () => {
    for (const at of [0, last]) {
      const { partition, medium } = disk();
      const flush = async () => {
        medium[at + 5] = (image[at + 5] ?? 0) ^ 1;
      };
      expect(await writeAll({ ...partition, flush }, image)).toBe(
        `install/not-kept: Writing the root image root.lz4 to /dev/vda9 failed: 2097152 bytes at byte ${at} are not on the disk as they were written (their digests differ)`,
      );
    }
  });
});
