/** For tests: LZ4 frames, and sources that serve what a test made. */
import type { TargetSource } from "./target-source.ts";

/** A frame that holds bytes as they are, which every decoder takes. */
export function storedFrame(content: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(content);
  const descriptor = Buffer.from([0x60, 0x70]); // version 1, independent blocks of at most 4 MiB
  const checksum = (Bun.hash.xxHash32(descriptor) >>> 8) & 0xff;
  const size = Buffer.alloc(4);
  size.writeUInt32LE(0x8000_0000 + bytes.length);
  const blocks = bytes.length === 0 ? [] : [size, bytes];
  return Buffer.concat([
    Buffer.from("04224d18", "hex"),
    descriptor,
    Buffer.from([checksum]),
    ...blocks,
    Buffer.alloc(4),
  ]);
}

/** A source of targets that are in memory. */
export function memorySource(targets: Readonly<Record<string, Uint8Array>>): TargetSource {
  const all = new Map(Object.entries(targets));
  const bytesOf = (name: string) => {
    const bytes = all.get(name);
    if (bytes === undefined) throw new Error(`there is no target ${name}`);
    return bytes;
  };
  return {
    has: (name) => all.has(name),
    length: (name) => bytesOf(name).length,
    read: async (name) => bytesOf(name),
    async *stream(name) {
      yield bytesOf(name);
    },
  };
}
