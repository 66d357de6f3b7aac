/** What a host finds at its first start on the private partition: user data, network configuration, boot settings. */
import { mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeBootConfig } from "../host/platform/boot-config-file.ts";
import type { Sdk } from "../sdk/index.ts";
import { fail } from "./failures.ts";
import { findPartition } from "./partitions.ts";
import { networkInterface } from "./qemu.ts";

/** Provisioning as for a bare machine (specification "os-image" 13.1); absent = as the lab's machines need it. */
export interface Provisioning {
  /** TOML; absent = no user data. */
  readonly userData?: string | undefined;
  /** TOML; absent = DHCP on the machine's only card; "" = no file, so no network. */
  readonly net?: string | undefined;
}

const DEFAULT_NET = `version = 2\n\n[${networkInterface}]\ndhcp4 = true\n`;
// The serial port is the console that the lab logs and people attach to. The last one named is /dev/console.
const BOOT_TEXT = 'kernel.console = "tty0", "ttyS0,115200n8"\n';

/**
 * Puts a new file system with these files in the place of the whole private partition: settings stored there are gone.
 *
 * @param disk  raw image of a stopped machine
 * @throws lab/no-private-partition, lab/private-full
 */
export async function provision(sdk: Sdk, disk: string, provisioning: Provisioning): Promise<void> {
  const partition = await findPartition(sdk, disk, "BOTTLEROCKET-PRIVATE");
  if (partition === undefined) throw fail("lab/no-private-partition", { disk });
  const work = await mkdtemp(join(tmpdir(), "pinwheel-private-"));
  try {
    const tree = join(work, "tree");
    await writeFiles(tree, provisioning);
    const image = join(work, "private.ext4");
    await makeFileSystem(sdk, work, tree, image, partition.sizeBytes, disk);
    await copyInto(image, disk, partition.offsetBytes);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function writeFiles(tree: string, provisioning: Provisioning): Promise<void> {
  await mkdir(tree);
  const boot = encodeBootConfig(BOOT_TEXT);
  if (!boot.ok) throw new Error(boot.problem); // a constant text, known to be short
  await writeFile(join(tree, "bootconfig.data"), boot.bytes, { mode: 0o600 });
  const net = provisioning.net ?? DEFAULT_NET;
  if (net !== "") await writeFile(join(tree, "net.toml"), net, { mode: 0o600 });
  if (provisioning.userData !== undefined) {
    await writeFile(join(tree, "user-data.toml"), provisioning.userData, { mode: 0o600 });
  }
}

/** Block and inode sizes of specification "os-image" 1.4. */
async function makeFileSystem(
  sdk: Sdk,
  work: string,
  tree: string,
  image: string,
  sizeBytes: number,
  disk: string,
): Promise<void> {
  const blocks = String(sizeBytes / 4096);
  const options = ["-q", "-F", "-b", "4096", "-i", "4096", "-I", "256", "-E", "root_owner=0:0", "-d", tree];
  try {
    await sdk.run(["mkfs.ext4", ...options, image, blocks], { writable: [work] });
  } catch (cause) {
    const output = cause instanceof Error ? cause.message : String(cause);
    throw fail("lab/private-full", { disk, sizeMiB: sizeBytes / 1024 / 1024, output }, { cause });
  }
}

async function copyInto(image: string, disk: string, offsetBytes: number): Promise<void> {
  const bytes = await Bun.file(image).bytes();
  const handle = await open(disk, "r+");
  try {
    await handle.write(bytes, 0, bytes.length, offsetBytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
