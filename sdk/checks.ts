/** What must be true of this machine before anything is started; everything missing is found before the first byte. */

import { existsSync } from "node:fs";
import { mkdir, statfs } from "node:fs/promises";
import { fail } from "./failures.ts";
import { enterNamespace } from "./sdk.ts";

const NEEDED_MIB = 4096; // the environment takes about 1 GiB; packages, trees and images of a first build the rest

/**
 * Checks operating system, privileges, tools and disk space, and installs mmdebstrap and the keyring when root can.
 *
 * @param keyring  package of the keys that the packages are signed with
 *
 * @throws sdk/not-linux, sdk/no-privileges, sdk/no-space, sdk/tool-missing, sdk/cannot-install
 */
export async function checkMachine(
  directory: string,
  keyring: string,
  note: (detail: string) => void,
): Promise<void> {
  if (process.platform !== "linux") throw fail("sdk/not-linux", { found: process.platform });
  await mkdir(directory, { recursive: true });
  const disk = await statfs(directory);
  const freeMiB = Math.floor((disk.bavail * disk.bsize) / 2 ** 20);
  if (freeMiB < NEEDED_MIB) throw fail("sdk/no-space", { directory, neededMiB: NEEDED_MIB, freeMiB });
  checkTools(["unshare", "chroot", "mount"]);
  checkPrivileges();
  const missing = [
    ...(Bun.which("mmdebstrap") === null ? ["mmdebstrap"] : []),
    ...(existsSync(keyringFile(keyring)) ? [] : [keyring]),
  ];
  if (missing.length > 0) await install(missing, note);
}

/**
 * Installs tools that are missing on this machine itself when root can, each from the package of its name.
 *
 * @throws sdk/tool-missing, sdk/cannot-install
 */
export async function ensureTools(tools: readonly string[], note: (detail: string) => void): Promise<void> {
  const missing = tools.filter((tool) => Bun.which(tool) === null);
  if (missing.length > 0) await install(missing, note);
}

/** Where a package of keys has them. */
export function keyringFile(keyring: string): string {
  return `/usr/share/keyrings/${keyring}.gpg`;
}

function checkTools(tools: readonly string[]): void {
  const missing = tools.filter((tool) => Bun.which(tool) === null);
  if (missing.length > 0) throw fail("sdk/tool-missing", { tools: missing });
}

function checkPrivileges(): void {
  const probe = Bun.spawnSync([...enterNamespace(), "true"], { stdout: "ignore", stderr: "pipe" });
  if (probe.exitCode !== 0) throw fail("sdk/no-privileges", { reason: probe.stderr.toString().trim() });
}

async function install(packages: readonly string[], note: (detail: string) => void): Promise<void> {
  if (process.getuid?.() !== 0 || Bun.which("apt-get") === null) {
    throw fail("sdk/tool-missing", { tools: packages });
  }
  note(`installing ${packages.join(", ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const command of [
    ["apt-get", "update", "-q"],
    ["apt-get", "install", "-q", "-y", "--no-install-recommends", ...packages],
  ]) {
    const child = Bun.spawn(command, { env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    const [stdout, stderr, exitCode] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    if (exitCode !== 0) {
      const log = `${stdout}${stderr}`.trimEnd().split("\n").slice(-10).join("\n");
      throw fail("sdk/cannot-install", { packages, log });
    }
  }
}
