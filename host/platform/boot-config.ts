/**
 * Boot parameters between the settings, the file the next boot reads, and the boot that is running. What
 * answers to `prairiedog` is decided here and beside; starting a reboot is the program's part.
 *
 * `root` is the directory under which /proc and /var are found: "/" on a host.
 *
 * @source specification "platform" 7.2, 7.3; "os-image" 1.8
 */

import { join } from "node:path";
import { readTextIfExists, writeWhole } from "../linux/files.ts";
import { isReservedBootParameter } from "../settings/index.ts";
import { bootConfigFailure } from "./boot-config-failures.ts";
import { asksForNothing, bootConfigTextOf, encodeBootConfig } from "./boot-config-file.ts";
import { noteOwnedGroups, type OwnedGroups, ownedGroups } from "./boot-config-owned.ts";
import { type BootSettings, readBootSettings } from "./boot-config-settings.ts";
import {
  type BootParameters,
  bootConfigText,
  noBootParameters,
  parseBootConfigText,
} from "./boot-config-text.ts";
import {
  bootParametersOfCommandLine,
  bootSettingsWithheld,
  bootWords,
  commandLineLength,
  maxCommandLineBytes,
} from "./boot-config-words.ts";
import type { Remark } from "./remarks.ts";

const bootConfigPath = "var/lib/bottlerocket/bootconfig.data";

export type RunningBoot =
  | {
      readonly kind: "running";
      readonly source: "/proc/bootconfig" | "/proc/cmdline";
      readonly parameters: BootParameters;
    }
  /** Neither the kernel nor the selector's words tell of any boot configuration. */
  | { readonly kind: "none" }
  /** There is a boot configuration, but this start is without it: twice before the host did not come up with it. */
  | { readonly kind: "withheld" }
  | { readonly kind: "unreadable"; readonly problems: readonly string[] };

/** The boot parameters of the boot that is running. */
export async function runningBoot(root: string): Promise<RunningBoot> {
  const line = (await readTextIfExists(join(root, "proc/cmdline"))) ?? "";
  if (bootSettingsWithheld(line)) return { kind: "withheld" };
  const text = await readTextIfExists(join(root, "proc/bootconfig"));
  if (text !== undefined) {
    const parsed = parseBootConfigText(text);
    if (parsed.ok) return { kind: "running", source: "/proc/bootconfig", parameters: parsed.parameters };
    return { kind: "unreadable", problems: parsed.problems.map((problem) => `/proc/bootconfig: ${problem}`) };
  }
  const found = bootParametersOfCommandLine(line);
  if (found === undefined) return { kind: "none" };
  if ("problem" in found) return { kind: "unreadable", problems: [`/proc/cmdline: ${found.problem}`] };
  return { kind: "running", source: "/proc/cmdline", parameters: found.parameters };
}

/**
 * The value of `settings.boot` that the running boot tells, for `prairiedog generate-boot-settings`.
 *
 * @returns members `kernel` and `init`, each absent if empty; `undefined` if no boot configuration is running,
 *          which leaves the setting unset
 * @throws  Failure naming every line that cannot be read
 */
export async function generateBootSettings(
  root: string,
): Promise<
  { kernel?: Record<string, readonly string[]>; init?: Record<string, readonly string[]> } | undefined
> {
  const running = await runningBoot(root);
  if (running.kind === "none" || running.kind === "withheld") return undefined;
  if (running.kind === "unreadable")
    throw bootConfigFailure("boot-config/unreadable", { problems: running.problems });
  const owned = await groupsOfSettings(root);
  // What the settings refuse cannot become one of them: left out here, as it is when the file is written. What the
  // settings once held and hold no more was removed; that it is still running must not bring it back.
  const group = (name: keyof BootParameters) => {
    if (owned.has(name)) return {};
    const accepted = [...running.parameters[name]].filter(([key]) => !isReservedBootParameter(key));
    return accepted.length > 0 ? { [name]: Object.fromEntries(accepted) } : {};
  };
  return { ...group("kernel"), ...group("init") };
}

/**
 * Writes the boot configuration that the next boot reads, whole and only if its bytes change.
 *
 * Settings that never said anything of the kernel's or of init's parameters keep the running ones: an operator may have
 * provisioned `bootconfig.data` and set only `reboot-to-reconcile` in user data, and must not lose the console with
 * the first boot. For the same reason a file that this boot made nothing of stays as it is.
 *
 * @param boot  the member `boot` of the settings, `undefined` if there is none
 * @returns what became of the file, and a warning for each setting which our command line cannot carry
 * @throws  Failure if the parameters do not fit into the file or on the kernel command line, or the file
 *          cannot be written; the old file is then untouched
 */
export async function generateBootConfig(root: string, boot: unknown): Promise<readonly Remark[]> {
  const running = await runningBoot(root);
  const settings = readBootSettings(boot);
  const path = join(root, bootConfigPath);
  const owned = new Set(await groupsOfSettings(root));
  for (const name of ["kernel", "init"] as const) if (settings[name] !== undefined) owned.add(name);
  if (owned.size === 0) {
    // Nobody sees in this start what was provisioned, and it shall not be lost.
    if (running.kind === "withheld") return [];
    if (running.kind === "none" && (await isOperators(path))) return [ignoredFile];
  }
  // A start without the boot settings does not show them; what the settings say nothing of is still in the file.
  const seen = running.kind === "withheld" ? await parametersIn(path) : runningParameters(running);
  const parameters = wantedParameters(settings, seen, owned);
  const newText = bootConfigText(parameters);
  const encoded = encodeBootConfig(newText);
  if (!encoded.ok) throw bootConfigFailure("boot-config/too-long", { problem: encoded.problem });
  const kernelReadsFile = running.kind === "running" && running.source === "/proc/bootconfig";
  const words = bootWords(parameters);
  const lineBytes = commandLineLength((await readTextIfExists(join(root, "proc/cmdline"))) ?? "", words);
  if (!kernelReadsFile && lineBytes > maxCommandLineBytes) {
    const problem = `with these parameters the kernel command line is ${lineBytes} bytes long; accepted: ${maxCommandLineBytes} bytes, of which the kernel would cut off the rest`;
    throw bootConfigFailure("boot-config/too-long", { problem });
  }

  const isNew = !(await holds(path, encoded.bytes));
  if (isNew) await writeWhole(path, encoded.bytes, { durable: true });
  await noteOwnedGroups(root, newText, owned);
  const text = isNew ? "wrote the boot parameters of the next start" : "the boot parameters are unchanged";
  return [{ level: "info", text }, ...(kernelReadsFile ? [] : words.leftOut.map(leftOut))];
}

const ignoredFile: Remark = {
  level: "warn",
  problem: {
    source: `/${bootConfigPath}`,
    key: "settings.boot",
    problem: "this start used nothing of it, so it was left as it is",
    accepted:
      "a file that the boot selector can read; it says on the console what is wrong, and in which line",
    fault: "given",
  },
};

function leftOut({ key, reason }: { readonly key: string; readonly reason: string }): Remark {
  const problem = `is left out of the kernel command line: ${reason}`;
  const source = "prairiedog generate-boot-config";
  return {
    level: "warn",
    problem: { source, key: `settings.boot.${key}`, problem, accepted: "", fault: "given" },
  };
}

/** Whether there is a file that asks for something, though neither settings nor this start know of it. */
async function isOperators(path: string): Promise<boolean> {
  const file = Bun.file(path);
  return (await file.exists()) && !asksForNothing(await file.bytes());
}

async function holds(path: string, bytes: Uint8Array): Promise<boolean> {
  const file = Bun.file(path);
  return (await file.exists()) && Buffer.from(await file.bytes()).equals(bytes);
}

/** The groups of parameters that are the settings', whether or not they still hold one. */
export async function groupsOfSettings(root: string): Promise<OwnedGroups> {
  return ownedGroups(root, await textIn(join(root, bootConfigPath)));
}

async function textIn(path: string): Promise<string | undefined> {
  const file = Bun.file(path);
  return (await file.exists()) ? bootConfigTextOf(await file.bytes()) : undefined;
}

/** The parameters in the file of the next start; none if it cannot be read. */
async function parametersIn(path: string): Promise<BootParameters> {
  const text = await textIn(path);
  const parsed = text === undefined ? undefined : parseBootConfigText(text);
  return parsed?.ok ? parsed.parameters : noBootParameters;
}

export function runningParameters(running: RunningBoot): BootParameters {
  return running.kind === "running" ? running.parameters : noBootParameters;
}

/**
 * The parameters the next boot shall have: the settings', or where they say nothing of a group, those there are; none if
 * that is because the last one was removed.
 */
export function wantedParameters(
  settings: BootSettings,
  provisioned: BootParameters,
  owned: OwnedGroups,
): BootParameters {
  const group = (name: keyof BootParameters) =>
    settings[name] ?? (owned.has(name) ? noBootParameters : provisioned)[name];
  return { kernel: group("kernel"), init: group("init") };
}
