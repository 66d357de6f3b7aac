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
import { failuresOf, failureText } from "../linux/failure.ts";
import { readLockdown, readSysctl, writeLockdown, writeSysctl } from "../linux/kernel.ts";
import { keyText } from "../settings/index.ts";
import type { Remark } from "./remarks.ts";
import { noteSysctlsBefore, sysctlsBefore } from "./sysctls-before.ts";

type Facts = {
  readonly "kernel-settings/lockdown-refused": { readonly from: string; readonly to: string };
};

const kernelSettingsFailure = failuresOf<Facts>({
  "kernel-settings/lockdown-refused": {
    says: ({ from, to }) => `The kernel refused to change its lockdown mode from ${from} to ${to}`,
    hint: "See whether the kernel has lockdown: cat /sys/kernel/security/lockdown",
  },
});

/**
 * Sets the sysctls of `settings.kernel`, in the order of their keys. Those that the settings have no more get the value
 * that they had in this boot before the settings first set them.
 *
 * @param kernel  the member `kernel` of the settings, `undefined` if there is none
 * @returns an error for each that could not be set or put back; the others are
 * @throws  never
 */
export async function applySysctls(root: string, kernel: unknown): Promise<readonly Remark[]> {
  const remarks: Remark[] = [];
  const write = async (key: string, value: string, otherwise: string): Promise<void> => {
    try {
      await writeSysctl(root, await pathOf(root, key), value);
    } catch (error) {
      remarks.push(about("error", ["sysctl", key], `${otherwise}: ${failureText(error)}`));
    }
  };
  const wanted = new Map(Object.entries(table(table(kernel).sysctl)).sort(([a], [b]) => (a < b ? -1 : 1)));
  const before = new Map<string, string>();
  for (const [key, value] of await sysctlsBefore(root)) {
    if (wanted.has(key)) before.set(key, value);
    else await write(key, value, "was not put back to its value before");
  }
  for (const key of wanted.keys()) {
    const value = before.has(key) ? undefined : await readSysctl(root, await pathOf(root, key));
    if (value !== undefined) before.set(key, value);
  }
  // Before anything is set: if this is cut short, too much is known and not too little.
  await noteSysctlsBefore(root, before).catch((error: unknown) => {
    const problem = `a value that is taken back stays until the host restarts: ${failureText(error)}`;
    remarks.push(about("warn", ["sysctl"], problem));
  });
  for (const [key, value] of wanted) await write(key, String(value), "was not set");
  return remarks;
}

function about(level: "warn" | "error", member: readonly string[], problem: string): Remark {
  const key = keyText(["settings", "kernel", ...member]);
  return { level, problem: { source: "corndog", key, problem, accepted: "", fault: "given" } };
}

function table(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
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

/**
 * Asks the kernel for the lockdown mode of `settings.kernel`, unless it is in effect or lower than the current
 * one: the kernel never lowers its mode, and the setting holds from the next boot on.
 *
 * @param kernel  the member `kernel` of the settings, `undefined` if there is none
 * @returns what became of it; nothing if no mode is set
 * @throws  Failure if the kernel refuses
 */
export async function applyLockdown(root: string, kernel: unknown): Promise<readonly Remark[]> {
  const { lockdown: requested } = table(kernel);
  if (typeof requested !== "string") return [];
  const current = await readLockdown(root);
  if (current === requested) {
    return [{ level: "info", text: `lockdown mode ${current} is in effect already` }];
  }
  if (current === "confidentiality" || (current === "integrity" && requested === "none")) {
    const problem = `the mode ${current} can be lowered to ${requested} only by a reboot`;
    return [about("warn", ["lockdown"], problem)];
  }
  try {
    await writeLockdown(root, requested);
  } catch (cause) {
    const facts = { from: current, to: requested };
    throw kernelSettingsFailure("kernel-settings/lockdown-refused", facts, { cause });
  }
  return [{ level: "info", text: `lockdown mode changed from ${current} to ${requested}` }];
}
