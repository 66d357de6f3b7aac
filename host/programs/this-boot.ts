/** What the programs that decide about a boot have in common: the version that runs, and the restart of the host. */
import { join } from "node:path";
import { type Os, parseOsRelease, releaseFile } from "../api/index.ts";
import { readTextIfExists } from "../linux/files.ts";
import { endText, run } from "../linux/process.ts";

/**
 * What runs.
 *
 * @param root  "/", or a tree with the same files in a test
 * @throws Error when the release file does not say it
 */
export async function runningRelease(root = "/"): Promise<Os> {
  const file = join(root, releaseFile);
  const text = await readTextIfExists(file);
  const os = parseOsRelease(text ?? "", process.arch === "arm64" ? "aarch64" : "x86_64");
  if (typeof os !== "string") return os;
  throw new Error(`${file} cannot be used: ${text === undefined ? "it is not there" : os}`);
}

/** @throws Error when the release file does not say it */
export async function runningVersion(): Promise<string> {
  return (await runningRelease()).version_id;
}

const REBOOT = ["/usr/bin/systemctl", "reboot"];

/** Starts the restart of the host. @throws Error when it cannot be started */
export async function rebootHost(): Promise<void> {
  const result = await run(REBOOT);
  if (result.exitCode !== 0) {
    throw new Error(`${REBOOT.join(" ")}: ${endText(result)}: ${result.stderr.trim()}`);
  }
}
