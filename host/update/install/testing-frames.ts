/** For tests: LZ4 frames made by lz4 itself, and served in pieces. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Tests that need it report themselves as not run where it is missing. */
export const lz4Missing = Bun.which("lz4") === null;

/** What `lz4` makes of some bytes. @param flags  its options */
export function frameOf(content: Uint8Array, ...flags: readonly string[]): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), "pinwheel-frame-"));
  try {
    // From a file: of what comes through a pipe it could not write the length down.
    const [from, to] = [join(directory, "content"), join(directory, "frame")];
    writeFileSync(from, content);
    const { exitCode, stderr } = Bun.spawnSync(["lz4", "-q", ...flags, from, to]);
    if (exitCode !== 0) throw new Error(`lz4 ${flags.join(" ")}: ${stderr.toString()}`);
    return new Uint8Array(readFileSync(to));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The bytes in pieces of these sizes, over and over; as if they came from a network. */
export async function* inPieces(bytes: Uint8Array, sizes: readonly number[] = [65_536]) {
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const size = sizes[n % sizes.length] ?? 1;
    yield bytes.slice(at, at + size);
    at += size;
  }
}

export function joined(...parts: readonly (Uint8Array | string)[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part))));
}
