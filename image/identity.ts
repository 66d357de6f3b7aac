/** Identifiers that must differ between releases but not between two builds of one: all derived from the version. */
import { createHash } from "node:crypto";

/** What names a release of a variant. */
export interface Release {
  readonly variant: string;
  readonly arch: string;
  readonly version: string;
  /** Abbreviated commit, with `-dirty` when the work tree differs from it; `00000000` when unknown. */
  readonly buildId: string;
  /** Seconds since 1970 that stand for "now" in everything the build writes. */
  readonly epoch: number;
}

/** A GUID for one purpose within a release: version 8 (own scheme), RFC 9562 variant, lower case. */
export function guidFor(release: Release, purpose: string): string {
  const bytes = digest(release, purpose).subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** The salt of the root's hash tree: 32 bytes as 64 hexadecimal digits. */
export function saltFor(release: Release): string {
  return digest(release, "verity salt").toString("hex");
}

/** A FAT volume's serial number: 8 hexadecimal digits. */
export function fatSerialFor(release: Release, purpose: string): string {
  return digest(release, purpose).toString("hex", 0, 4);
}

function digest(release: Release, purpose: string): Buffer {
  const words = ["pinwheel", release.variant, release.arch, release.version, purpose];
  return createHash("sha256").update(words.join("\n")).digest();
}
