/** Powers a machine on: its disk made at the first start, its firmware's variables, QEMU as a process of its own. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { appendFile, chmod, copyFile, mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { exists, type Progress, type Sdk } from "../sdk/index.ts";
import { chooseAcceleration } from "./acceleration.ts";
import { consoleSize } from "./console-log.ts";
import { fail } from "./failures.ts";
import { requireWritableDisk } from "./given-disk.ts";
import { Machine, requireStopped } from "./machine.ts";
import { type Provisioning, provision } from "./private-partition.ts";
import { type Acceleration, files, firmware, type Hardware, qemuCommand } from "./qemu.ts";
import { startRegistry } from "./registry.ts";
import { freePort, openStream } from "./socket.ts";
import { writeSshConfig } from "./ssh.ts";
import {
  isRunning,
  type MachineState,
  machineDirectory,
  processStartedAt,
  readState,
  saveState,
} from "./state.ts";
import { updateSettings } from "./update-settings.ts";
import { startUpdates } from "./updates.ts";
import { joined, settingsIn, userDataOf } from "./user-data.ts";
import { VolatileDisk } from "./volatile-disk.ts";
import { hasShellOnConsole, withWayIn } from "./way-in.ts";

const START_MS = 20_000; // for QEMU's sockets to appear; it takes 0.2 s on an idle machine
const POLL_MS = 50;

export interface StartOptions {
  readonly name: string;
  /** Whose image it is. */
  readonly variant: string;
  /** Image that a new disk is copied from. */
  readonly image: string;
  /** A disk to use as it is, instead of one of the machine's own. */
  readonly disk?: string | undefined;
  /**
   * Put on the disk when it is new; a disk that was started before keeps what it has. Where the variant has no shell on
   * its console, a way in is added to the user data (way-in.ts).
   */
  readonly provisioning?: Provisioning;
  /** Forget the disk of an earlier machine of this name. */
  readonly fresh?: boolean;
  /**
   * The disk gets a write cache, as real ones have, which a power cut loses (volatile-disk.ts). The machine then lives
   * no longer than this process.
   */
  readonly volatileCache?: boolean;
  readonly ephemeral?: boolean;
  /** The lab's registry runs until it stops. */
  readonly registry?: boolean;
  /** A directory with an update repository, served to it until it stops, and named by the settings of a new disk. */
  readonly updates?: string | undefined;
  readonly memoryMiB?: number;
  readonly vcpus?: number;
}

/**
 * Starts a machine and returns once QEMU runs it; `waitForApi` tells when the host is up.
 *
 * @throws lab/already-running, lab/no-disk-file, lab/disk-is-not-to-be-changed, lab/did-not-start,
 *   lab/updates-not-served, and what provisioning throws
 */
export async function startMachine(sdk: Sdk, options: StartOptions, progress: Progress): Promise<Machine> {
  const { name } = options;
  const before = await readState(name);
  await requireStopped(before);
  if (options.disk !== undefined) await requireWritableDisk(options.disk);
  const directory = machineDirectory(name);
  const isFresh = options.fresh === true || before?.ephemeral === true;
  if (isFresh) await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const acceleration = await chooseAcceleration(sdk, progress);
  const disk = options.disk === undefined ? join(directory, files.disk) : resolve(options.disk);
  const identity = await imageIdentity(options.image);
  const isNew = options.disk === undefined && !(await exists(disk));
  const updates = updatesOf(options, isFresh ? undefined : before);
  const hasConsoleShell = await hasShellOnConsole(options.variant);
  if (isNew) {
    const given = await withUpdates(options.provisioning ?? {}, updates, options.variant);
    const provisioning = hasConsoleShell ? given : await withWayIn(sdk, options.variant, given, progress);
    await progress.step("disk", () => makeDisk(sdk, options.image, disk, provisioning));
  }
  const image = isNew ? { path: resolve(options.image), identity } : before?.image;

  const consoleFrom = await markPowerOn(join(directory, files.consoleLog));
  const variables = join(directory, files.variables);
  if (!(await exists(variables))) await copyFile(join(sdk.root, firmware.variables), variables);
  const ephemeral = options.ephemeral === true;
  const registry = options.registry === true || !hasConsoleShell;
  const { variant } = options;
  const sshPort = freePort();
  await writeSshConfig(directory, { name, sshPort });
  const about = { name, variant, hasConsoleShell, sshPort, disk, image };
  const state = { ...about, ephemeral, registry, updates, acceleration, consoleFrom };
  const volatile = options.volatileCache === true ? new VolatileDisk(disk) : undefined;
  const started = await powerOn(sdk, directory, state, options, volatile);
  const machine = new Machine(started, volatile);
  // After the machine: another one that ends now sees that it is needed.
  if (registry) await startRegistry(sdk, false);
  if (updates !== undefined) {
    await startUpdates(directory, updates, started).catch(async (error) => {
      await machine.cut();
      throw error;
    });
  }
  return machine;
}

/** What is served to the machine: as asked for, or as before. */
function updatesOf({ updates }: StartOptions, before: MachineState | undefined): MachineState["updates"] {
  if (updates === undefined) return before?.updates;
  return { directory: resolve(updates), port: before?.updates?.port ?? freePort() };
}

/** Somebody's own settings win. @throws lab/user-data-wrong */
async function withUpdates(
  given: Provisioning,
  updates: MachineState["updates"],
  variant: string,
): Promise<Provisioning> {
  if (updates === undefined) return given;
  const own = await settingsIn(given.userData, variant);
  return { ...given, userData: userDataOf(joined(own, updateSettings(updates.port, variant))) };
}

/** Whether the machine's disk was made from another build of the image than this one. */
export async function isFromOtherImage(state: MachineState, image: string): Promise<boolean> {
  return state.image !== undefined && state.image.identity !== (await imageIdentity(image));
}

async function imageIdentity(image: string): Promise<string> {
  const found = await stat(image).catch(() => undefined);
  if (found === undefined) throw fail("lab/no-disk-file", { file: image });
  return `${found.size}-${found.mtimeMs}`;
}

/** A sparse copy under another name first: an interrupted start leaves no disk that looks finished. */
async function makeDisk(sdk: Sdk, image: string, disk: string, provisioning: Provisioning): Promise<void> {
  const unfinished = `${disk}.new`;
  const child = Bun.spawn(["cp", "--sparse=always", "--reflink=auto", image, unfinished], { stderr: "pipe" });
  const [problem, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  if (exitCode !== 0) throw fail("lab/file-unreadable", { file: image, reason: problem.trim() });
  await chmod(unfinished, 0o644); // the image itself is read-only
  await provision(sdk, unfinished, provisioning);
  await rename(unfinished, disk);
}

async function markPowerOn(log: string): Promise<number> {
  const from = await consoleSize(log);
  await appendFile(log, `${from === 0 ? "" : "\n"}== power on ${new Date().toISOString()} ==\n`);
  return from;
}

type Prepared = Omit<MachineState, "pid" | "pidStartedAt" | "acceleration"> & {
  readonly acceleration: Acceleration;
};

async function powerOn(
  sdk: Sdk,
  directory: string,
  prepared: Prepared,
  options: StartOptions,
  volatile: VolatileDisk | undefined,
): Promise<MachineState> {
  const { name, disk, acceleration } = prepared;
  for (const socket of [files.consoleSocket, files.askSocket, files.controlSocket]) {
    await rm(join(directory, socket), { force: true });
  }
  const socket = await volatile?.serve();
  const hardware: Hardware = {
    name,
    acceleration,
    memoryMiB: options.memoryMiB ?? 2048,
    vcpus: options.vcpus ?? 2,
    disk: socket === undefined ? { kind: "file", path: disk } : { kind: "nbd", path: socket },
    uuid: uuidOf(directory),
    sshPort: prepared.sshPort,
  };
  const diskPlace = dirname(socket ?? disk);
  const inside = diskPlace === directory ? [directory] : [directory, socket === undefined ? disk : diskPlace];
  const wrapped = sdk.wrap(qemuCommand(hardware), { writable: inside, workdir: directory });
  const [program = "", ...args] = wrapped.command;
  const output = openSync(join(directory, files.output), "w");
  // A session of its own: Ctrl-C on the terminal that started it, or its end, is no power cut.
  const child = spawn(program, args, { env: wrapped.env, detached: true, stdio: ["ignore", output, output] });
  closeSync(output);
  child.unref();
  const pid = child.pid;
  const pidStartedAt = pid === undefined ? undefined : await processStartedAt(pid);
  if (pid === undefined || pidStartedAt === undefined) throw await didNotStart(name, directory);
  const state: MachineState = { ...prepared, pid, pidStartedAt };
  await saveState(state);
  await untilListening(state, directory);
  return state;
}

/** The same for every start of a machine, different for different machines. */
function uuidOf(directory: string): string {
  const digits = createHash("sha256").update(directory).digest("hex");
  return [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ]
    .map(([from, to]) => digits.slice(from, to))
    .join("-");
}

async function untilListening(state: MachineState, directory: string): Promise<void> {
  const deadline = performance.now() + START_MS;
  // The control socket is the last on the command line, so the others are there when it listens.
  for (;;) {
    const stream = await openStream(join(directory, files.controlSocket)).catch(() => undefined);
    stream?.close();
    if (stream !== undefined) return;
    if (!(await isRunning(state)) || performance.now() > deadline)
      throw await didNotStart(state.name, directory);
    await Bun.sleep(POLL_MS);
  }
}

async function didNotStart(name: string, directory: string): Promise<Error> {
  const output = await readFile(join(directory, files.output), "utf8").catch(() => "");
  return fail("lab/did-not-start", { name, output: output.trim() || "(it said nothing)" });
}
