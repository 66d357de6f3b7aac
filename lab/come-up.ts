/** Watches a machine come up, step by step, from what its console says; the last step is that somebody can get in. */
import type { Progress } from "../sdk/index.ts";
import type { Machine } from "./machine.ts";
import { untilPulled } from "./pulled.ts";
import { findRegistry, registryLogSize } from "./registry.ts";

/** What the console says at the end of each step. Each text can also come from a later step alone. */
const STEPS: readonly [step: string, saidAtItsEnd: RegExp][] = [
  ["firmware", /Pinwheel boot selector/],
  ["kernel", /systemd\[1\]: systemd \d/],
  ["API", /Started apiserver\.service/],
  ["settings of the first boot", /(Finished|Failed to start) settings-applier\.service/],
  ["services", /Reached target multi-user\.target/],
];
const BOOT_MS = 300_000;
const ADMIN = "pinwheel-admin"; // where publish.ts puts the image of containers/admin

/**
 * Returns when a shell in the host answers.
 *
 * @throws lab/wait-timeout, lab/ended and lab/no-way-in with the end of the console
 */
export async function comeUp(machine: Machine, progress: Progress): Promise<void> {
  const logFrom = await registryLogSize();
  for (const [index, [step]] of STEPS.entries()) {
    // On a busy machine a step may be over before it is looked for: any later text proves it as well.
    const said = STEPS.slice(index).map(([, text]) => text.source);
    await progress.step(step, async () => {
      await machine.waitForConsole(new RegExp(said.join("|")), BOOT_MS);
    });
  }
  await enter(machine, progress, logFrom);
}

/** A host that has the image already pulls nothing: getting in ends the first of the two steps as well. */
async function enter(machine: Machine, progress: Progress, logFrom: number): Promise<void> {
  let isOver = false;
  const entered = machine.waitForApi().finally(() => {
    isOver = true;
  });
  const registry = await findRegistry();
  await progress.step("admin container pulled", async (note) => {
    if (registry === undefined) return;
    const pulled = untilPulled(registry, ADMIN, logFrom, () => isOver);
    const bytes = await Promise.race([pulled, entered]);
    note(bytes === undefined ? "it was there already" : `${Math.round(bytes / 1e6)} MB`);
  });
  await progress.step("admin container entered", () => entered);
}
