/** What configuring the host leaves in the runtime directory, for the API and for systemd. */

import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { failureText } from "../linux/failure.ts";
import { writeWhole } from "../linux/files.ts";
import type { Log } from "../linux/log.ts";
import type { ReportedStep } from "./boot-report.ts";

/**
 * Writes the report whole; a reader finds this one or the one before. One that cannot be written must not keep the
 * host from being configured.
 */
export async function writeBootReport(
  directory: string,
  steps: readonly ReportedStep[],
  log: Log,
): Promise<void> {
  const text = `${JSON.stringify({ steps }, undefined, 2)}\n`;
  try {
    await mkdir(directory, { recursive: true });
    // It may quote settings, so it is read through the API, which asks who you are.
    await writeWhole(join(directory, "boot-report.json"), text, { mode: 0o600, durable: false });
  } catch (error) {
    log.error(`the boot report in ${directory} cannot be written: ${failureText(error)}`);
  }
}

/**
 * Files that are conditions of units. `configured` is that of mark-successful-boot.service: without it the boot does not
 * count as good. `reboot-to-reconcile` is that of reboot-if-required.service, where the settings ask for it.
 */
export async function keepConditionFile(
  directory: string,
  name: "configured" | "reboot-to-reconcile",
  exists: boolean,
  log: Log,
): Promise<void> {
  const path = join(directory, name);
  try {
    await mkdir(directory, { recursive: true });
    await (exists ? writeWhole(path, "", { durable: false }) : rm(path, { force: true }));
  } catch (error) {
    log.error(`${path} cannot be ${exists ? "written" : "removed"}: ${failureText(error)}`);
  }
}
