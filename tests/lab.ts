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
const VARIANT = "metal-dev"; // what tests that name no variant are about
const prepared = new Map<string, Promise<{ sdk: Sdk; image: string }>>();

/** The build environment and the disk image of a variant; the same for all tests of a process. */
export function testImage(variant = VARIANT): Promise<{ sdk: Sdk; image: string }> {
  const known = prepared.get(variant);
  if (known !== undefined) return known;
  const made = (async () => {
    const sdk = await ensureSdk(progress);
    return { sdk, image: (await buildImage(variant, { progress })).disk };
  })();
  prepared.set(variant, made);
  return made;
}

/**
 * A machine with a new disk. One of the same name that an interrupted run left behind loses its power first.
 *
 * @param volatileCache  a power cut loses what the host has written and not flushed
 * @param variant        one without a shell on its console gets a way in by itself (lab/way-in.ts)
 */
export async function newMachine(
  name: string,
  provisioning: Provisioning = {},
  volatileCache = false,
  variant = VARIANT,
): Promise<Machine> {
  const { sdk, image } = await testImage(variant);
  await claim(name);
  if ((await readState(name)) !== undefined) await (await findMachine(name)).cut();
  return startMachine(sdk, { name, variant, image, provisioning, fresh: true, volatileCache }, progress);
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
  const { name, variant } = machine;
  const { sdk, image } = await testImage(variant);
  return startMachine(sdk, { name, variant, image, volatileCache }, progress);
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
