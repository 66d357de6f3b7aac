/**
 * Which virtual machines there are: one directory a machine under build/vm, and in it what is known about it.
 *
 * Terms: a machine *exists* while its directory does, and *runs* while its QEMU process does.
 */
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exists } from "../sdk/index.ts";
import { fail } from "./failures.ts";

const MACHINES = join(import.meta.dirname, "../build/vm");
const STATE_FILE = "machine.json";
const FORMERLY = { variant: "metal-dev", hasConsoleShell: true, sshPort: 0 } as const;

export interface MachineState {
  readonly name: string;
  /** Whose image it has. */
  readonly variant: string;
  /** Whether that variant has a shell on its consoles; the others are asked through their admin container. */
  readonly hasConsoleShell: boolean;
  /** Port of this machine's loopback address at which the guest's port 22 is. */
  readonly sshPort: number;
  /** The raw disk image that it starts from. */
  readonly disk: string;
  /** What the disk was made from: the built image's path and its identity at that time. */
  readonly image: { readonly path: string; readonly identity: string } | undefined;
  /** Remove everything when it stops. */
  readonly ephemeral: boolean;
  /** The lab's registry runs for as long as it does. */
  readonly registry: boolean;
  /** The repository that is served to it for as long as it runs, and the port of it; undefined = none. */
  readonly updates?: { readonly directory: string; readonly port: number } | undefined;
  readonly acceleration: string;
  readonly pid: number;
  /** Start time of that process in clock ticks since the machine booted: a process id alone may be used again. */
  readonly pidStartedAt: string;
  /** Size of console.log when it was powered on: what follows belongs to this start. */
  readonly consoleFrom: number;
}

/** @throws lab/bad-name for names that could lead out of build/vm or surprise a shell */
export function machineDirectory(name: string): string {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9.-]{0,39}$/.test(name)) throw fail("lab/bad-name", { name });
  return join(MACHINES, name);
}

export async function saveState(state: MachineState): Promise<void> {
  const directory = machineDirectory(state.name);
  await mkdir(directory, { recursive: true });
  const file = join(directory, STATE_FILE);
  await writeFile(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`);
  await rename(`${file}.new`, file);
}

/** @returns undefined when no machine of this name was ever started */
export async function readState(name: string): Promise<MachineState | undefined> {
  const file = join(machineDirectory(name), STATE_FILE);
  if (!(await exists(file))) return undefined;
  // Written whole by saveState and by nothing else; in machines from before production variants the first three are missing.
  const state = JSON.parse(await readFile(file, "utf8")) as MachineState;
  return { ...FORMERLY, ...state };
}

export async function machineNames(): Promise<readonly string[]> {
  if (!(await exists(MACHINES))) return [];
  const names: string[] = [];
  for (const entry of (await readdir(MACHINES)).sort()) {
    if (await exists(join(MACHINES, entry, STATE_FILE))) names.push(entry);
  }
  return names;
}

/** @throws lab/no-machine with the names that exist */
export async function requireState(name: string): Promise<MachineState> {
  const state = await readState(name);
  if (state === undefined) throw fail("lab/no-machine", { name, known: await machineNames() });
  return state;
}

export async function isRunning(state: Pick<MachineState, "pid" | "pidStartedAt">): Promise<boolean> {
  return (await processStartedAt(state.pid)) === state.pidStartedAt;
}

/** Field 22 of /proc/PID/stat; undefined when there is no such process, or it has ended and nobody asked yet. */
export async function processStartedAt(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => undefined);
  // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields?.[0] === "Z" ? undefined : fields?.[19];
}
