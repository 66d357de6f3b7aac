/** What a report of `bun test` says is read: how many passed, which failed and why. */
import { afterAll, beforeAll, expect, it } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Report, readReport } from "./junit.ts";

const TESTS = `import { describe, expect, it } from "bun:test";
describe("a <group>", () => {
  it("holds", () => expect(1).toBe(1));
  it("says \\"why\\" & where", () => { throw new Error("the first line\\nand the second"); });
  it("takes too long", () => new Promise(() => {}), 50);
  it.skip("is not run", () => {});
});
it("stands alone", () => expect({ a: 1 }).toEqual({ a: 2 }));`;

let directory: string;
let report: Report;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "pinwheel-junit-"));
  await writeFile(join(directory, "some.test.ts"), TESTS);
  const outfile = join(directory, "report.xml");
  const bun = [
    process.execPath,
    "test",
    "--reporter=junit",
    `--reporter-outfile=${outfile}`,
    "./some.test.ts",
  ];
  const child = Bun.spawn(bun, { cwd: directory, stdout: "ignore", stderr: "ignore" });
  expect(await child.exited).toBe(1);
  report = readReport(await readFile(outfile, "utf8"));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

it("counts what passed, failed and was not run", () => {
  expect(report).toMatchObject({ passed: 1, failed: 3, notRun: 1 });
});

it("names each test that failed, with its file and the blocks around it, and the message on one line", () => {
  const [thrown, late, alone] = report.failures;
  expect(thrown).toEqual({
    test: 'some.test.ts: a <group> > says "why" & where',
    why: "the first line and the second",
  });
  expect(late?.why).toContain("timed out");
  expect(alone?.test).toBe("some.test.ts: stands alone");
  expect(alone?.why).toContain('- "a": 2, + "a": 1,');
});

it("says nothing of a report that was never written", () => {
  expect(readReport("")).toEqual({ passed: 0, failed: 0, notRun: 0, failures: [] });
});
