import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { killedForMemory } from "./control-groups.ts";

// As Linux 6.12 writes them.
const files = {
  "two/default/a/memory.events": "low 0\nhigh 0\nmax 57\noom 1\noom_kill 1\noom_group_kill 0\n",
  "two/default/well/memory.events": "low 0\nhigh 0\nmax 12\noom 0\noom_kill 0\noom_group_kill 0\n",
  "one/memory/default/a/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
};

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "pinwheel-groups-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
});
afterAll(() => rm(directory, { recursive: true }));

describe("processes of a control group that were killed for want of memory", () => {
  const table: [what: string, hierarchies: string, group: string, killed: number][] = [
    ["are counted in version 2", "two", "/default/a", 1],
    ["are none where memory was short and enough could be taken back", "two", "/default/well", 0],
    ["are counted in version 1", "one", "/default/a", 3],
    ["are none where the group is gone", "two", "/default/gone", 0],
  ];
  for (const [what, hierarchies, group, killed] of table) {
    it(what, async () => expect(await killedForMemory(group, join(directory, hierarchies))).toBe(killed));
  }
});
