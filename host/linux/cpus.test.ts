import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { usableCpuCount } from "./cpus.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "pinwheel-cpus-"));
});
afterAll(() => rm(directory, { recursive: true }));

describe("the CPUs that a process may use", () => {
  const table: [situation: string, affinity: string, limits: { [group: string]: string }, count: number][] = [
    ["are those of its affinity", "0-3,8,10-11", {}, 7],
    ["are one of one", "5", {}, 1],
    [
      "are no more than its control group pays for, begun ones counting",
      "0-7",
      { "/a/b": "250000 100000\n" },
      3,
    ],
    [
      "are no more than any group above pays for",
      "0-7",
      { "/a/b": "400000 100000\n", "/a": "200000 100000\n" },
      2,
    ],
    ["are all where the limit is none", "0-7", { "/a/b": "max 100000\n", "/": "max 100000\n" }, 8],
    ["are one where the limit is less", "0-7", { "/a/b": "1000 100000\n" }, 1],
    ["are not limited by another group", "0-7", { "/c": "100000 100000\n" }, 8],
  ];
  for (const [index, [situation, affinity, limits, count]] of table.entries()) {
    test(situation, async () => {
      const files = {
        "proc/status": `Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t${affinity}\nMems_allowed:\t1\n`,
        "proc/cgroup": "0::/a/b\n",
        ...Object.fromEntries(Object.entries(limits).map(([group, max]) => [`cgroup${group}/cpu.max`, max])),
      };
      const root = join(directory, String(index));
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), text);
      }
      expect(await usableCpuCount(join(root, "proc"), join(root, "cgroup"))).toBe(count);
    });
  }
  test("are some on this machine", async () => expect(await usableCpuCount()).toBeGreaterThan(0));
});
