/**
 * Whether the host has to start once more for its boot parameters to take effect.
 *
 * @source specification "platform" 7.4; "os-image" 5.3
 */

import { join } from "node:path";
import { readTextIfExists, writeWhole } from "../linux/files.ts";
import {
  groupsOfSettings,
  type RunningBoot,
  runningBoot,
  runningParameters,
  wantedParameters,
} from "./boot-config.ts";
import { bootConfigFailure } from "./boot-config-failures.ts";
import { readBootSettings } from "./boot-config-settings.ts";
import type { BootParameters } from "./boot-config-text.ts";
import { thatTravel } from "./boot-config-words.ts";

/** What `reboot-if-required` has to do. */
export type Reconciliation =
  | { readonly kind: "continue"; readonly reason: string }
  | { readonly kind: "reboot" }
  /** Several boots in a row did not bring the parameters into effect: another one would not either. */
  | { readonly kind: "give-up"; readonly reboots: number };

/**
 * More reboots in a row than this have never been of use, but would keep the host from ever coming up. Fewer than the
 * starts after which the boot selector gives a set up (STARTS_BEFORE_FALLING_BACK): none of them is marked good.
 */
const maxReboots = 2;

/**
 * Decides whether the host has to start again for its boot parameters to take effect. A reboot decided here
 * is counted on disk first, so that parameters which never take effect cannot reboot the host for ever.
 *
 * @param boot  the member `boot` of the settings, `undefined` if there is none
 * @throws  Failure if reconciliation is wanted but the running parameters cannot be read. Without
 *          `reboot-to-reconcile` nothing is read, so nothing unreadable can stop the boot.
 */
export async function reconcileBoot(root: string, boot: unknown): Promise<Reconciliation> {
  const settings = readBootSettings(boot);
  if (!settings.rebootToReconcile) {
    return { kind: "continue", reason: "settings.boot.reboot-to-reconcile is not true" };
  }
  const running = await runningBoot(root);
  if (running.kind === "unreadable")
    throw bootConfigFailure("boot-config/unreadable", { problems: running.problems });
  if (running.kind === "withheld") {
    const reason = "this start is without the boot settings: with them the host did not come up twice";
    return { kind: "continue", reason };
  }

  const countPath = join(root, "var/lib/bottlerocket/reconciliation-reboots");
  const counted = await readTextIfExists(countPath);
  const owned = await groupsOfSettings(root);
  if (inEffect(wantedParameters(settings, runningParameters(running), owned), running)) {
    if (counted !== undefined) await Bun.file(countPath).delete();
    return { kind: "continue", reason: "the boot parameters are in effect" };
  }
  const reboots = /^[0-9]{1,3}$/.test(counted?.trim() ?? "") ? Number(counted) : 0;
  if (reboots >= maxReboots) return { kind: "give-up", reboots };
  await writeWhole(countPath, `${reboots + 1}\n`, { durable: true });
  return { kind: "reboot" };
}

function inEffect(wanted: BootParameters, running: RunningBoot): boolean {
  const actual = runningParameters(running);
  const kernelReadsFile = running.kind === "running" && running.source === "/proc/bootconfig";
  // What cannot travel on a command line is never running; waiting for it would be waiting for ever.
  return comparable(kernelReadsFile ? wanted : thatTravel(wanted).parameters) === comparable(actual);
}

/** A text equal for equal parameters. The kernel shows a bare key as one empty value: `[]` is `[""]`. */
function comparable(parameters: BootParameters): string {
  const group = (values: BootParameters["kernel"]) =>
    [...values]
      .map(([key, list]) => [key, list.length === 0 ? [""] : list] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([group(parameters.kernel), group(parameters.init)]);
}
