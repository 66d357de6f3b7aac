import { describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseVersion } from "../update/index.ts";
import { memorySource, storedFrame } from "../update/testing-frames.ts";
import { rehearseUpdate } from "./migrations.ts";

const NAME = "migrate_v1.1.0_x.lz4";

/** Rehearses 1.0.0 → `to` with a migration of one step. @returns what was thrown */
async function rehearsed(step: object, to = "1.1.0"): Promise<string | undefined> {
  const store = await mkdtemp(join(tmpdir(), "pinwheel-rehearsal-"));
  try {
    await writeFile(
      join(store, "live.json"),
      '{"format":1,"transaction":"x","leaves":{"settings.motd":"mine","settings.l":[1]}}',
    );
    const [from, high, wanted] = ["1.0.0", "1.1.0", to].map(parseVersion);
    if (from === undefined || high === undefined || wanted === undefined) throw new Error("no version");
    const source = memorySource({ [NAME]: storedFrame(JSON.stringify({ format: 1, steps: [step] })) });
    const manifest = { migrations: [{ from, to: high, names: [NAME] }] };
    await rehearseUpdate(source, manifest, from, wanted, store);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await rm(store, { recursive: true });
  }
}

describe("an update whose migrations would fail is refused while the old version runs", () => {
  const replace = { key: "settings.l", old: ["a"], new: ["b"] };
  const table: [what: string, step: object, to: string, said: string | undefined][] = [
    ["one that leads there and back is taken", { "remove-settings": ["settings.motd"] }, "1.1.0", undefined],
    [
      "a failing one",
      { "replace-list": replace },
      "1.1.0",
      `The migration ${NAME} failed on its way forward`,
    ],
    [
      "a step that this version does not know",
      { "run-program": "x" },
      "1.1.0",
      "steps[0].run-program: unknown step",
    ],
    [
      "no way to the version",
      { "remove-settings": ["settings.motd"] },
      "1.2.0",
      "No migrations lead from 1.0.0 to 1.2.0",
    ],
  ];
  for (const [what, step, to, said] of table) {
    test(what, async () => {
      const thrown = await rehearsed(step, to);
      if (said === undefined) expect(thrown).toBeUndefined();
      else expect(thrown).toContain(said);
    });
  }
});
