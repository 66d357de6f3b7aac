/**
 * Settings that go straight into the running kernel: sysctls and lockdown. What answers to `corndog` is
 * decided here.
 *
 * `root` is the directory under which /proc and /sys are found: "/" on a host.
 *
 * @source specification "platform" 8; "os-image" 5.4
 */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { failuresOf } from "../linux/failure.ts";
import { readLockdown, writeLockdown, writeSysctl } from "../linux/kernel.ts";

type Facts = {
  readonly "kernel-settings/lockdown-refused": { readonly from: string; readonly to: string };
};

const kernelSettingsFailure = failuresOf<Facts>({
  "kernel-settings/lockdown-refused": {
    says: ({ from, to }) => `The kernel refused to change its lockdown mode from ${from} to ${to}`,
    hint: "See whether the kernel has lockdown: cat /sys/kernel/security/lockdown",
  },
});

/** A sysctl that could not be set. */
export interface UnsetSysctl {
  readonly key: string;
  readonly problem: string;
}

/**
 * Sets sysctls, in the order of their keys.
 *
 * @param sysctls  values by key, as `settings.kernel.sysctl` has them
 * @returns those that could not be set; the others are
 * @throws  never
 */
export async function applySysctls(
  root: string,
  sysctls: ReadonlyMap<string, string>,
): Promise<readonly UnsetSysctl[]> {
  const unset: UnsetSysctl[] = [];
  for (const [key, value] of [...sysctls].sort(([a], [b]) => (a < b ? -1 : 1))) {
    try {
      await writeSysctl(root, await pathOf(root, key), value);
    } catch (error) {
      unset.push({ key, problem: error instanceof Error ? error.message : String(error) });
    }
  }
  return unset;
}

/** The reading of a key that the kernel has; the first one if it has none. */
async function pathOf(root: string, key: string): Promise<readonly string[]> {
  const readings = sysctlPaths(key);
  for (const path of readings) {
    const found = await stat(join(root, "proc/sys", ...path)).catch(() => undefined);
    if (found?.isFile() === true) return path;
  }
  return readings[0] ?? [];
}

/**
 * The places below /proc/sys that a key can mean, the likeliest first. The reference separates at every dot
 * and slash; but names of interfaces may have dots, so the two notations of sysctl(8) are read as well:
 * `net/ipv4/conf/eth0.100/rp_filter` and `net.ipv4.conf.eth0/100.rp_filter`.
 */
export function sysctlPaths(key: string): readonly (readonly string[])[] {
  const parts = (names: readonly string[]) =>
    names.filter((name) => name !== "" && name !== "." && name !== "..");
  const slashed = /^[^.]*\//.test(key);
  return [
    parts(key.split(/[./]/)),
    parts(slashed ? key.split("/") : key.split(".").map((name) => name.replaceAll("/", "."))),
  ];
}

/** What became of a request for a lockdown mode. */
export type Lockdown =
  | { readonly kind: "in-effect"; readonly mode: string }
  /** The kernel never lowers its mode; the request holds from the next boot on. */
  | { readonly kind: "needs-reboot"; readonly current: string }
  | { readonly kind: "written"; readonly from: string };

/**
 * Asks the kernel for a lockdown mode, unless it is in effect or lower than the current one.
 *
 * @param requested  `none`, `integrity` or `confidentiality`
 * @throws  Failure if the kernel refuses
 */
export async function applyLockdown(root: string, requested: string): Promise<Lockdown> {
  const current = await readLockdown(root);
  if (current === requested) return { kind: "in-effect", mode: current };
  if (current === "confidentiality" || (current === "integrity" && requested === "none")) {
    return { kind: "needs-reboot", current };
  }
  try {
    await writeLockdown(root, requested);
  } catch (cause) {
    const facts = { from: current, to: requested };
    throw kernelSettingsFailure("kernel-settings/lockdown-refused", facts, { cause });
  }
  return { kind: "written", from: current };
}
