/** What the programs that decide about a boot have in common: the version that runs, and the restart of the host. */
import { readFile } from "node:fs/promises";
import { parseOsRelease, releaseFile } from "../api/index.ts";
import { endText, run } from "../linux/process.ts";

/** @throws Error when the release file does not say it */
export async function runningVersion(): Promise<string> {
  const os = parseOsRelease(await readFile(releaseFile, "utf8"), process.arch);
  if (typeof os === "string") throw new Error(`${releaseFile}: ${os}`);
  return os.version_id;
}

const REBOOT = ["/usr/bin/systemctl", "reboot"];

/** Starts the restart of the host. @throws Error when it cannot be started */
export async function rebootHost(): Promise<void> {
  const result = await run(REBOOT);
  if (result.exitCode !== 0) {
    throw new Error(`${REBOOT.join(" ")}: ${endText(result)}: ${result.stderr.trim()}`);
  }
}
