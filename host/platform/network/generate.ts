/**
 * From the network configuration's source to the files of the network daemon.
 *
 * `root` is the directory under which /etc, /proc and /var are found: "/" on a host.
 *
 * @source specification "platform" 6.3
 */

import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { readTextIfExists, writeWhole } from "../../linux/files.ts";
import { problemText } from "../../settings/index.ts";
import { parseNetCommandLine } from "./command-line.ts";
import { matchOf, type NetConfig, primaryDevice } from "./net-config.ts";
import { parseNetToml } from "./net-toml.ts";
import { fileMark, networkdFiles } from "./networkd-files.ts";
import { recordPrimaryInterface } from "./primary-interface.ts";

/** Configuration files, the first that exists is used. */
const sources = ["var/lib/netdog/net.toml", "var/lib/bottlerocket/net.toml"];

const networkdDirectory = "etc/systemd/network";

/** The address of the primary interface in this boot; see node-address.ts. */
export const currentIpFile = "var/lib/netdog/current_ip";

type ReadNetConfig =
  | { readonly kind: "read"; readonly config: NetConfig }
  /** Each problem names the source, and in a file the line and column. */
  | { readonly kind: "invalid"; readonly problems: readonly string[] };

/**
 * Reads the network configuration. A file that exists decides, even if it is invalid: falling back to another
 * source would give the host a network that nobody asked for.
 *
 * @throws  Error of the file system if a source exists but cannot be read
 */
export async function readNetConfig(root: string): Promise<ReadNetConfig> {
  for (const path of sources) {
    const text = await readTextIfExists(join(root, path));
    if (text === undefined) continue;
    const parsed = parseNetToml(text, `/${path}`);
    if (parsed.ok) return { kind: "read", config: parsed.config };
    return { kind: "invalid", problems: parsed.problems.map((problem) => problemText(problem, `/${path}`)) };
  }
  const parsed = parseNetCommandLine((await readTextIfExists(join(root, "proc/cmdline"))) ?? "");
  return parsed.ok
    ? { kind: "read", config: parsed.config }
    : { kind: "invalid", problems: [parsed.problem] };
}

type GeneratedNetConfig =
  | { readonly kind: "written"; readonly source: string; readonly files: readonly string[] }
  /** The source configures no interface. */
  | { readonly kind: "nothing"; readonly source: string }
  | { readonly kind: "invalid"; readonly problems: readonly string[] };

/**
 * Writes the network daemon's files and records the primary interface. When the configuration is invalid
 * nothing is touched.
 *
 * @throws  Error of the file system
 */
export async function generateNetConfig(root: string): Promise<GeneratedNetConfig> {
  const read = await readNetConfig(root);
  if (read.kind === "invalid") return read;
  const { config } = read;
  const files = networkdFiles(config);

  const primary = primaryDevice(config);
  await recordPrimaryInterface(root, primary && matchOf(primary));
  await rm(join(root, currentIpFile), { force: true });
  await removeEarlierFiles(root);
  if (files.size === 0) return { kind: "nothing", source: config.source };

  await mkdir(join(root, networkdDirectory), { recursive: true });
  for (const [name, text] of files) {
    await writeWhole(join(root, networkdDirectory, name), text, { mode: 0o644, durable: false });
  }
  return { kind: "written", source: config.source, files: [...files.keys()] };
}

/** Removes what an earlier run made: a device no longer configured must not stay so. */
async function removeEarlierFiles(root: string): Promise<void> {
  const directory = join(root, networkdDirectory);
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return []; // the first run of a boot: /etc starts empty
    throw error;
  });
  for (const name of names.filter((candidate) => /\.(network|netdev)$/.test(candidate))) {
    const path = join(directory, name);
    if ((await readTextIfExists(path))?.startsWith(fileMark)) await rm(path);
  }
}
