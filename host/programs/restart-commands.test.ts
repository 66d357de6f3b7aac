/** Every restart command that a variant of this tree names. */
import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { log } from "../linux/log.ts";
import { ownRestartCommands } from "../platform/own-commands.ts";
import { ownVariants, shippedModel } from "../settings/testing.ts";
import { variantNames } from "../settings/variant-sources.ts";
import { programs } from "./index.ts";

for (const variant of await variantNames(ownVariants)) {
  describe(`the restart commands of ${variant}`, async () => {
    const { services } = await shippedModel(variant);
    const commands = [...services.values()].flatMap(({ restartCommands }) => restartCommands);
    const ours = commands.filter((command) => basename(command.split(" ", 1)[0] ?? "") !== "systemctl");

    test("start programs that an image has", () => {
      expect(ours.length).toBeGreaterThan(0);
      const names = ours.map((command) => basename(command.split(" ", 1)[0] ?? ""));
      expect(names.filter((name) => !programs.has(name))).toEqual([]);
    });

    test("start no program at boot, where each would cost the start of a process", async () => {
      const root = await mkdtemp(join(tmpdir(), "pinwheel-commands-"));
      // Whoever asks for settings waits for ever: nothing is done here.
      const call = () => new Promise<never>(() => undefined);
      const own = ownRestartCommands({ root, call, log: log("test", "off") });
      const started = ours.filter((command) => {
        const work = own(command);
        work?.catch(() => undefined); // netdog looks at files first, which this root does not have
        return work === undefined;
      });
      expect(started).toEqual([]);
      await rm(root, { recursive: true });
    });
  });
}
