/**
 * Questions about systemd's units. Those that the file system answers are not asked of systemd, which may be busy
 * booting.
 *
 * `root` is the directory under which /etc, /sys and /usr are found: "/" on a host.
 */

import { basename, join } from "node:path";
import { listIfExists, readTextIfExists, realPathIfExists } from "./files.ts";
import { endText, run } from "./process.ts";

/** Whether a service has processes: then, and only then, its control group exists and is populated. */
export async function hasProcesses(root: string, unit: string): Promise<boolean> {
  const events = join(root, "sys/fs/cgroup/system.slice", controlGroupOf(unit), "cgroup.events");
  return /^populated 1$/m.test((await readTextIfExists(events)) ?? "");
}

/** Below the system's slice. The instances of a template have a slice of their own (systemd.slice(5)). */
function controlGroupOf(unit: string): string {
  const template = /^([^@]+)@./.exec(unit)?.[1];
  // A hyphen in the name of a slice means a slice inside another, so those of the template are escaped.
  return template === undefined ? unit : join(`system-${template.replaceAll("-", "\\x2d")}.slice`, unit);
}

const unitDirectories = ["etc/systemd/system", "run/systemd/system", "usr/lib/systemd/system"];

/** Whether there is a unit file for a unit, or for the template that it is an instance of. */
export async function isInstalled(root: string, unit: string): Promise<boolean> {
  const file = unit.replace(/@.*(?=\.[a-z]+$)/, "@");
  for (const directory of unitDirectories) {
    if ((await realPathIfExists(join(root, directory, file))) !== undefined) return true;
  }
  return false;
}

/** How the unit file of another unit pulls a unit in. */
export type Pull = "wants" | "requires";

/** The ways in which `systemctl enable` has made a target pull in a unit since the boot. */
export async function pullsOf(root: string, target: string, unit: string): Promise<readonly Pull[]> {
  const pulls: Pull[] = [];
  for (const pull of ["wants", "requires"] as const) {
    const names = await listIfExists(join(root, "etc/systemd/system", `${target}.${pull}`));
    if (names?.includes(unit) === true) pulls.push(pull);
  }
  return pulls;
}

/** The target that the host boots into, `undefined` if there is none. */
export async function defaultTarget(root: string): Promise<string | undefined> {
  for (const directory of unitDirectories) {
    const path = await realPathIfExists(join(root, directory, "default.target"));
    if (path !== undefined) return basename(path);
  }
  return undefined;
}

/** How systemd sees a unit that may have no processes. */
export type UnitState = "not-found" | "failed" | "other";

/**
 * Whether a unit is there at all, and if so, whether it has failed and was not started since.
 *
 * @throws  Error if systemctl cannot be started
 */
export async function unitState(unit: string): Promise<UnitState> {
  const command = ["systemctl", "show", "--property=LoadState", "--property=ActiveState", unit];
  const { stdout } = await run(command, { timeoutMs: 60_000 });
  if (/^LoadState=not-found$/m.test(stdout)) return "not-found";
  return /^ActiveState=failed$/m.test(stdout) ? "failed" : "other";
}

/** A unit as `systemctl show` has it: LoadState, ActiveState, SubState. */
export interface ShownUnit {
  readonly load: string;
  readonly active: string;
  readonly sub: string;
}

/**
 * How systemd sees units, in the order of their names.
 *
 * @throws  Error if systemctl cannot be started or fails
 */
export async function showUnits(names: readonly string[]): Promise<readonly ShownUnit[]> {
  const properties = ["LoadState", "ActiveState", "SubState"] as const;
  const options = { timeoutMs: 60_000 };
  const command = ["systemctl", "show", `--property=${properties.join(",")}`, "--", ...names];
  const result = await run(command, options);
  if (result.exitCode !== 0) {
    throw new Error(`systemctl show: ${endText(result, options)}: ${result.stderr.trim()}`);
  }
  const blocks = result.stdout.split(/\n{2,}/);
  return names.map((_, at) => {
    const value = (property: (typeof properties)[number]) =>
      new RegExp(`^${property}=(.*)$`, "m").exec(blocks[at] ?? "")?.[1] ?? "";
    return { load: value("LoadState"), active: value("ActiveState"), sub: value("SubState") };
  });
}
