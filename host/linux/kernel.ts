/**
 * Knobs of the running kernel that are files: sysctls, lockdown, the hostname, the command line.
 *
 * `root` is the directory under which /proc and /sys are found: "/" on a host.
 */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Writes a sysctl, verbatim and without a newline.
 *
 * @param path  names from below /proc/sys, for example ["net", "ipv4", "ip_forward"]
 * @throws  Error of the file system: no such sysctl, a value the kernel refuses
 */
export async function writeSysctl(root: string, path: readonly string[], value: string): Promise<void> {
  // "r+" and not "w": a name the kernel does not have must fail, not become a file.
  await writeFile(join(root, "proc/sys", ...path), value, { flag: "r+" });
}

/** The value of a sysctl without the newline at its end; undefined if it cannot be read, as some can only be written. */
export async function readSysctl(root: string, path: readonly string[]): Promise<string | undefined> {
  try {
    return (await readFile(join(root, "proc/sys", ...path), "utf8")).replace(/\n$/, "");
  } catch {
    // Whatever keeps it from being read: only that its value is not known matters to who asks.
    return undefined;
  }
}

/** The kernel keeps this many bytes of a hostname. */
export const maxHostnameBytes = 64;

/** Sets the hostname of the running kernel, verbatim and without a newline. */
export async function writeHostname(root: string, name: string): Promise<void> {
  await writeSysctl(root, ["kernel", "hostname"], name);
}

const lockdownPath = "sys/kernel/security/lockdown";

/** The bracketed word of the lockdown file, "unknown" where it cannot be read. */
export async function readLockdown(root: string): Promise<string> {
  try {
    return /\[([a-z]+)\]/.exec(await readFile(join(root, lockdownPath), "utf8"))?.[1] ?? "unknown";
  } catch {
    // A kernel without lockdown, or one that hides it: specification "platform" 8 calls that "unknown".
    return "unknown";
  }
}

/** Asks the kernel for a lockdown mode. The kernel refuses to lower it. */
export async function writeLockdown(root: string, mode: string): Promise<void> {
  await writeFile(join(root, lockdownPath), mode, { flag: "r+" });
}
