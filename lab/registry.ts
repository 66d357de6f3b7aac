/**
 * The lab's OCI registry: Debian's docker-registry from the build environment, on the loopback address, with its images
 * below build/registry. Guests reach it at 10.0.2.2, QEMU's address for this machine.
 *
 * It keeps its port from one start to the next, because the settings of machines name it. One that was started for
 * machines ends with the last of them; one that was started by hand ends by hand.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Sdk, takeLock } from "../sdk/index.ts";
import { consoleFrom, consoleSize } from "./console-log.ts";
import { fail } from "./failures.ts";
import { hostFromGuest } from "./qemu.ts";
import { freePort } from "./socket.ts";
import { isRunning, machineNames, processStartedAt, readState } from "./state.ts";

const DIRECTORY = join(import.meta.dirname, "../build/registry");
const START_MS = 20_000; // it takes 0.1 s on an idle machine
const STOP_MS = 10_000;
const LOCK_MS = 60_000;
const POLL_MS = 50;
/** Tells the registry's answers from those of something else on its port, while it ends because the port is taken. */
const TOKEN_HEADER = "pinwheel-registry";

interface RegistryState {
  readonly port: number;
  readonly pid: number;
  /** As of machines (state.ts): tells the process from a later one with the same number. */
  readonly pidStartedAt: string;
  /** Started by hand: machines that end leave it. */
  readonly kept: boolean;
}

export interface Registry {
  /** For programs of this machine: `http://127.0.0.1:40123`. */
  readonly url: string;
  /** Its name in the references of guests: `10.0.2.2:40123`. */
  readonly nameForGuests: string;
}

/**
 * The registry of this directory; undefined when it does not run.
 *
 * @param directory  build/registry when absent; tests have their own
 */
export async function findRegistry(directory = DIRECTORY): Promise<Registry | undefined> {
  const state = await readRegistryState(directory);
  return state !== undefined && (await isRunning(state)) ? addresses(state.port) : undefined;
}

/**
 * Starts the registry, or finds it running.
 *
 * @param kept  leave it running when the last machine ends
 * @throws lab/registry-did-not-start with the end of its log, lab/registry-busy
 */
export async function startRegistry(sdk: Sdk, kept: boolean, directory = DIRECTORY): Promise<Registry> {
  return alone(directory, async () => {
    const before = await readRegistryState(directory);
    if (before !== undefined && (await isRunning(before))) {
      if (kept && !before.kept) await saveRegistryState(directory, { ...before, kept });
      return addresses(before.port);
    }
    const port = before?.port ?? freePort();
    const registry = addresses(port);
    const token = randomUUID();
    const started = await spawnRegistry(sdk, directory, port, token);
    // Before it is known to work: one that an interrupted command leaves behind is found again.
    await saveRegistryState(directory, { port, ...started, kept });
    await untilAnswers(registry, token, started, directory);
    return registry;
  });
}

/** What the registry's log says from this byte on; its size is where the next look begins. "" before the first start. */
export function registryLogFrom(from: number, directory = DIRECTORY): Promise<string> {
  return consoleFrom(logOf(directory), from);
}

export function registryLogSize(directory = DIRECTORY): Promise<number> {
  return consoleSize(logOf(directory));
}

/** Stops the registry; its images and its port stay. @returns false when it did not run */
export async function stopRegistry(directory = DIRECTORY): Promise<boolean> {
  return alone(directory, () => stop(directory));
}

/** Stops the registry when it was started for machines and none of those runs any more. */
export async function stopUnusedRegistry(directory = DIRECTORY): Promise<void> {
  const state = await readRegistryState(directory);
  if (state === undefined || state.kept || !(await isRunning(state))) return;
  await alone(directory, async () => {
    for (const name of await machineNames()) {
      const machine = await readState(name);
      if (machine?.registry === true && (await isRunning(machine))) return;
    }
    await stop(directory);
  });
}

async function stop(directory: string): Promise<boolean> {
  const state = await readRegistryState(directory);
  if (state === undefined || !(await isRunning(state))) return false;
  process.kill(state.pid, "SIGTERM");
  const deadline = performance.now() + STOP_MS;
  while (await isRunning(state)) {
    // It holds nothing that a kill could harm: a blob is renamed into its place.
    if (performance.now() > deadline) process.kill(state.pid, "SIGKILL");
    await Bun.sleep(POLL_MS);
  }
  return true;
}

async function spawnRegistry(
  sdk: Sdk,
  directory: string,
  port: number,
  token: string,
): Promise<Pick<RegistryState, "pid" | "pidStartedAt">> {
  const images = join(directory, "images");
  await mkdir(images, { recursive: true });
  const config = join(directory, "config.yml");
  // JSON is YAML. Deleting is on, so that a person can remove a tag.
  const settings = {
    version: "0.1",
    log: { accesslog: { disabled: false } },
    storage: { filesystem: { rootdirectory: images }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}`, headers: { [TOKEN_HEADER]: [token] } },
  };
  await writeFile(config, JSON.stringify(settings));
  const wrapped = sdk.wrap(["docker-registry", "serve", config], { writable: [directory] });
  const [program = "", ...args] = wrapped.command;
  const output = openSync(logOf(directory), "w");
  // A session of its own, as for machines, which it has to outlive.
  const child = spawn(program, args, { env: wrapped.env, detached: true, stdio: ["ignore", output, output] });
  closeSync(output);
  child.unref();
  const pidStartedAt = child.pid === undefined ? undefined : await processStartedAt(child.pid);
  if (child.pid === undefined || pidStartedAt === undefined) throw await didNotStart(directory);
  return { pid: child.pid, pidStartedAt };
}

async function untilAnswers(
  registry: Registry,
  token: string,
  started: Pick<RegistryState, "pid" | "pidStartedAt">,
  directory: string,
): Promise<void> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    const running = await isRunning(started);
    const answer = await fetch(`${registry.url}/v2/`).catch(() => undefined);
    if (answer?.headers.get(TOKEN_HEADER) === token) return;
    if (!running || performance.now() > deadline) {
      if (running) process.kill(started.pid, "SIGKILL");
      throw await didNotStart(directory);
    }
    await Bun.sleep(POLL_MS);
  }
}

async function didNotStart(directory: string): Promise<Error> {
  const log = await readFile(logOf(directory), "utf8").catch(() => "");
  const lastLines = log.trimEnd().split("\n").slice(-5).join("\n") || "(it said nothing)";
  return fail("lab/registry-did-not-start", { directory, lastLines });
}

async function alone<T>(directory: string, work: () => Promise<T>): Promise<T> {
  await mkdir(directory, { recursive: true });
  const lock = await takeLock(join(directory, "lock"), LOCK_MS);
  if (lock === undefined) throw fail("lab/registry-busy", { directory, seconds: LOCK_MS / 1000 });
  try {
    return await work();
  } finally {
    lock.release();
  }
}

function addresses(port: number): Registry {
  return { url: `http://127.0.0.1:${port}`, nameForGuests: `${hostFromGuest}:${port}` };
}

const stateFile = (directory: string) => join(directory, "registry.json");
const logOf = (directory: string) => join(directory, "registry.log");

async function readRegistryState(directory: string): Promise<RegistryState | undefined> {
  const text = await readFile(stateFile(directory), "utf8").catch(() => undefined);
  // Written whole by saveRegistryState and by nothing else.
  return text === undefined ? undefined : (JSON.parse(text) as RegistryState);
}

async function saveRegistryState(directory: string, state: RegistryState): Promise<void> {
  const file = stateFile(directory);
  await writeFile(`${file}.new`, `${JSON.stringify(state)}\n`);
  await rename(`${file}.new`, file);
}
