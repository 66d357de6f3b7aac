/**
 * SSH into a machine's admin container: the lab's key, and for each machine a configuration with which any ssh client
 * finds it: `ssh -F build/vm/NAME/ssh_config NAME`.
 *
 * The key is one for all machines of the lab, in build/ssh. What a machine's host keys are is learned at the first
 * connection and kept beside its disk; another host under the same name is refused then.
 */
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exists, type Sdk, takeLock } from "../sdk/index.ts";
import { shellWord } from "./ask.ts";
import { fail } from "./failures.ts";
import type { MachineState } from "./state.ts";

const DIRECTORY = join(import.meta.dirname, "../build/ssh");
const LOCK_MS = 30_000;
const CONFIG = "ssh_config";
const KNOWN_HOSTS = "known_hosts";
/** Who logs in when the admin container's user data name nobody (specification "containers" 12.2). */
const USER = "ec2-user";

export interface SshKey {
  /** The private half. */
  readonly file: string;
  /** The line for `authorized-keys`. */
  readonly publicKey: string;
}

/**
 * The lab's key, made now when there is none.
 *
 * @param directory  build/ssh when absent; tests have their own
 */
export async function ensureSshKey(sdk: Sdk, directory = DIRECTORY): Promise<SshKey> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, "id_ed25519");
  const lock = await takeLock(join(directory, "lock"), LOCK_MS);
  if (lock === undefined) throw fail("lab/key-busy", { directory, seconds: LOCK_MS / 1000 });
  try {
    if (!(await exists(file))) await makeKey(sdk, directory, file);
  } finally {
    lock.release();
  }
  return { file, publicKey: (await readFile(`${file}.pub`, "utf8")).trim() };
}

/** The private half gets its name last: with it the pair is whole. */
async function makeKey(sdk: Sdk, directory: string, file: string): Promise<void> {
  const unfinished = `${file}.new`;
  await Promise.all([unfinished, `${unfinished}.pub`].map((each) => rm(each, { force: true })));
  const options = ["-q", "-t", "ed25519", "-N", "", "-C", "pinwheel-lab", "-f", unfinished];
  await sdk.run(["ssh-keygen", ...options], { writable: [directory] });
  await rename(`${unfinished}.pub`, `${file}.pub`);
  await rename(unfinished, file);
}

/**
 * Writes the configuration with which ssh finds a machine.
 *
 * @param directory  the machine's
 */
export async function writeSshConfig(
  directory: string,
  { name, sshPort }: Pick<MachineState, "name" | "sshPort">,
  keyDirectory = DIRECTORY,
): Promise<void> {
  await writeFile(join(directory, CONFIG), sshConfig(name, sshPort, directory, keyDirectory));
}

/** The text of ssh_config; names of files are quoted, as they may have spaces. */
function sshConfig(name: string, port: number, directory: string, keyDirectory: string): string {
  return [
    `# Made anew at each start of the machine. Use: ${sshLine(directory, name)}`,
    `Host ${name}`,
    "  HostName 127.0.0.1",
    `  Port ${port}`,
    `  User ${USER}`,
    `  IdentityFile "${join(keyDirectory, "id_ed25519")}"`,
    "  IdentitiesOnly yes",
    // Ports change from start to start and are used again by other machines: a host is known by its machine's name.
    `  HostKeyAlias ${name}`,
    `  UserKnownHostsFile "${join(directory, KNOWN_HOSTS)}"`,
    "  GlobalKnownHostsFile none",
    "  StrictHostKeyChecking accept-new",
    "  UpdateHostKeys no",
    "  PasswordAuthentication no",
    "  LogLevel ERROR",
    "  ConnectTimeout 10",
    // A machine that reboots says no goodbye.
    "  ServerAliveInterval 5",
    "  ServerAliveCountMax 6",
    "",
  ].join("\n");
}

/** The words that connect to a machine, for people: to be run in this machine's own terminal. */
export function sshLine(directory: string, name: string): string {
  return `ssh -F ${shellWord(join(directory, CONFIG))} ${name}`;
}

/** The same with the build environment's client. @param words  what the login shell there gets as its line */
export function sshCommand(
  sdk: Sdk,
  directory: string,
  name: string,
  words: readonly string[],
  keyDirectory = DIRECTORY,
): ReturnType<Sdk["wrap"]> {
  return sdk.wrap(["ssh", "-F", join(directory, CONFIG), name, ...words], {
    readable: [keyDirectory],
    writable: [directory],
  });
}
