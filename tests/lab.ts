/** What machine and fault tests share: the image, built once; machines with fixed names; checks of what hosts answer. */
import { expect } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { buildImage } from "../image/build.ts";
import {
  type Answer,
  type AskOptions,
  findMachine,
  type Machine,
  type Provisioning,
  readState,
  startMachine,
} from "../lab/index.ts";
import { ensureSdk, progressLines, type Sdk, takeLock } from "../sdk/index.ts";

const progress = progressLines();
const claimed = new Set<string>();
let prepared: Promise<{ sdk: Sdk; image: string }> | undefined;

/** The build environment and the disk image of metal-dev; the same for all tests of a process. */
export function testImage(): Promise<{ sdk: Sdk; image: string }> {
  prepared ??= (async () => {
    const sdk = await ensureSdk(progress);
    return { sdk, image: (await buildImage("metal-dev", { progress })).disk };
  })();
  return prepared;
}

/**
 * A machine with a new disk. One of the same name that an interrupted run left behind loses its power first.
 *
 * @param volatileCache  a power cut loses what the host has written and not flushed
 */
export async function newMachine(
  name: string,
  provisioning: Provisioning = {},
  volatileCache = false,
): Promise<Machine> {
  const { sdk, image } = await testImage();
  await claim(name);
  if ((await readState(name)) !== undefined) await (await findMachine(name)).cut();
  return startMachine(sdk, { name, image, provisioning, fresh: true, volatileCache }, progress);
}

/** Keeps the name for this process until it ends: two test runs at once would pull each other's machines down. */
async function claim(name: string): Promise<void> {
  if (claimed.has(name)) return;
  const directory = join(import.meta.dirname, "../build/vm-claims");
  await mkdir(directory, { recursive: true });
  if ((await takeLock(join(directory, name), 0)) === undefined) {
    throw new Error(`another test run is using the virtual machine ${name}; wait for it or end it`);
  }
  claimed.add(name);
}

/** Powers a machine on that was stopped or cut. @param volatileCache  as for `newMachine` */
export async function powerOn(machine: Machine, volatileCache = false): Promise<Machine> {
  const { sdk, image } = await testImage();
  return startMachine(sdk, { name: machine.name, image, volatileCache }, progress);
}

/** What the command printed; the test fails with it when the command fails. */
export async function output(machine: Machine, command: string, options?: AskOptions): Promise<string> {
  const answer = await machine.ask(command, options);
  expect({ command, ...short(answer) }).toEqual({ command, exitCode: 0, output: short(answer).output });
  return answer.output;
}

/** A value of the API as `apiclient get` prints it. */
export async function setting(machine: Machine, key: string): Promise<unknown> {
  const found: unknown = JSON.parse(await output(machine, `apiclient get '${key}'`));
  return segments(key).reduce<unknown>(
    (value, name) =>
      typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined,
    found,
  );
}

/** Exit code and output alone: what tests compare. */
export function short({ exitCode, output }: Answer): { exitCode: number; output: string } {
  return { exitCode, output };
}

function segments(key: string): readonly string[] {
  return [...key.matchAll(/"([^"]*)"|[^.]+/g)].map((match) => match[1] ?? match[0]);
}
