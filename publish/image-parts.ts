/** The parts of an image that a repository carries (specifications "os-image" 1.9 and "updates" 12.3). */
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, listIfExists } from "../host/linux/files.ts";
import { fail } from "./failures.ts";
import { fileTarget, type TargetSource } from "./targets.ts";

export interface ImageParts {
  /** Paths. */
  readonly boot: string;
  readonly root: string;
  readonly hash: string;
  /** Everything else that is published with them: whole disks, the OVA, the kernel module kit. */
  readonly others: readonly string[];
  readonly migrations: readonly TargetSource[];
}

/**
 * Finds the parts in a directory that an image build left.
 *
 * @throws publish/no-parts naming what is missing
 */
export async function findParts(
  directory: string,
  variant: string,
  arch: string,
  version: string,
): Promise<ImageParts> {
  const names = (await listIfExists(directory)) ?? [];
  const start = `-${variant}-${arch}-${version}-`;
  const boot = names.find((name) => name.includes(start) && name.endsWith("-boot.ext4.lz4"));
  if (boot === undefined)
    throw fail("publish/no-parts", { directory, missing: [`*${start}*-boot.ext4.lz4`] });
  const full = boot.slice(0, -"-boot.ext4.lz4".length);
  const friendly = `${full.slice(0, full.indexOf(start))}-${variant}-${arch}-v${version}`;
  const needed = [`${full}-boot.ext4.lz4`, `${full}-root.ext4.lz4`, `${full}-root.verity.lz4`];
  const tar = `${full}-migrations.tar`;
  const missing = [...needed, tar].filter((name) => !names.includes(name));
  if (missing.length > 0) throw fail("publish/no-parts", { directory, missing });
  const others = [
    ...[full, friendly].flatMap((name) => [`${name}.img.lz4`, `${name}-data.img.lz4`]),
    `${friendly}.ova`,
    `${variant}-${arch}-kmod-kit-v${version}.tar.xz`,
  ];
  const [bootFile = "", root = "", hash = ""] = needed.map((name) => join(directory, name));
  return {
    boot: bootFile,
    root,
    hash,
    others: others.filter((name) => names.includes(name)).map((name) => join(directory, name)),
    migrations: await readMigrations(join(directory, tar)),
  };
}

/** The migrations in a build's tar, at its top level. */
export async function readMigrations(tar: string): Promise<readonly TargetSource[]> {
  const files = await new Bun.Archive(await readFile(tar)).files();
  return Promise.all(
    [...files].map(async ([path, file]) => ({
      kind: "bytes" as const,
      name: path.replace(/^\.\//, ""),
      bytes: await file.bytes(),
    })),
  );
}

const MAGIC = 0x184d2204; // specification of the LZ4 frame format, little-endian
const VERSION_MASK = 0xc0;
const VERSION_1 = 0x40;

/**
 * Refuses what hosts could not decompress.
 *
 * @throws publish/not-lz4, publish/no-file
 */
export async function checkLz4(source: TargetSource): Promise<void> {
  const start =
    source.kind === "bytes" ? Buffer.from(source.bytes.subarray(0, 5)) : await startOf(source.path);
  const isFrame =
    start.length === 5 &&
    start.readUInt32LE(0) === MAGIC &&
    (start.readUInt8(4) & VERSION_MASK) === VERSION_1;
  if (!isFrame)
    throw fail("publish/not-lz4", { file: source.name, found: start.toString("hex") || "nothing" });
}

async function startOf(path: string): Promise<Buffer> {
  try {
    const file = await open(path, "r");
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(5), 0, 5, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    const reason = errorCode(cause) ?? String(cause);
    throw fail("publish/no-file", { what: "image part", file: path, reason }, { cause });
  }
}

/** The targets that a release brings. */
export function targetsOf(parts: ImageParts): readonly TargetSource[] {
  const files = [parts.boot, parts.root, parts.hash, ...parts.others];
  return [...files.map(fileTarget), ...parts.migrations];
}
