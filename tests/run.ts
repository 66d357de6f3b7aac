/** Runs the levels of the tests, each as a process of its own, and adds up what they say. */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { ensureTools, ToolFailure } from "../sdk/index.ts";
import { seenVariable } from "./api/support/seen.ts";
import { type Failure, type Report, readReport } from "./junit.ts";
import { type Level, levels } from "./levels.ts";

const TOP = join(import.meta.dirname, "..");
const REPORTS = join(TOP, "build/test");
const MACHINES = join(TOP, "build/vm");
/** What programs of the host run, and tests of them therefore on this machine. */
const HOST_TOOLS = ["lz4"];
const CONSOLE_LINES = 80;
const FAILURES_NAMED = 10; // at the very end, where everybody looks; all of them stand in the output before
const FAILURE_LENGTH = 300;

interface Outcome extends Report {
  readonly level: string;
  readonly seconds: number;
}

/**
 * Runs these levels, all but those that have to be named when none is named, and ends with the line `N passed, N failed`.
 *
 * @returns the exit code: 1 when any failed or nothing passed
 * @throws tests/unknown-level
 */
export async function runLevels(names: readonly string[]): Promise<number> {
  const known = levels.map((level) => level.name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const says = `There is no level ${unknown.join(", ")}`;
    throw new ToolFailure("tests/unknown-level", says, `The levels are ${known.join(", ")}`);
  }
  await ensureTools(HOST_TOOLS, (detail) => console.log(detail));
  await rm(REPORTS, { recursive: true, force: true });
  await mkdir(REPORTS, { recursive: true });
  const outcomes: Outcome[] = [];
  for (const level of levels.filter(({ name, onlyWhenNamed }) =>
    names.length === 0 ? onlyWhenNamed !== true : names.includes(name),
  )) {
    console.log(`\n=== ${level.name}`);
    outcomes.push(await runLevel(level));
  }
  return report(outcomes);
}

async function runLevel(level: Level): Promise<Outcome> {
  const begin = performance.now();
  const counts =
    level.runs.kind === "bun" ? await runBunLevel(level, level.runs) : await runCommand(level.runs.command);
  if (counts.failed > 0 && level.machines !== undefined) await printConsoles(level.machines);
  return { level: level.name, ...counts, seconds: (performance.now() - begin) / 1000 };
}

async function runBunLevel(
  level: Level,
  { directories, afterwards = [], atOnce = 1 }: Extract<Level["runs"], { kind: "bun" }>,
): Promise<Report> {
  const first = await runBun(level, directories, level.name, atOnce);
  if (afterwards.length === 0) return first;
  const second = await runBun(level, afterwards, `${level.name}-afterwards`);
  return {
    passed: first.passed + second.passed,
    failed: first.failed + second.failed,
    notRun: first.notRun + second.notRun,
    failures: [...first.failures, ...second.failures],
  };
}

async function runBun(
  level: Level,
  directories: readonly string[],
  report: string,
  atOnce = 1,
): Promise<Report> {
  const present = directories.filter((directory) => existsSync(join(TOP, directory)));
  const file = join(REPORTS, `${report}.xml`);
  const quiet = level.machines === undefined ? ["--only-failures"] : [];
  const parallel = atOnce === 1 ? [] : [`--parallel=${atOnce}`];
  const child = Bun.spawn(
    [
      ...[
        process.execPath,
        "test",
        "--no-orphans",
        ...quiet,
        ...parallel,
        `--timeout=${level.testTimeoutMs}`,
      ],
      ...["--reporter=junit", `--reporter-outfile=${file}`, ...present.map((directory) => `./${directory}`)],
    ],
    {
      cwd: TOP,
      env: { ...process.env, [seenVariable]: join(REPORTS, "api-seen.txt") },
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
    },
  );
  const exitCode = await child.exited;
  const told = readReport(await readFile(file, "utf8").catch(() => ""));
  if (exitCode === 0 || told.failed > 0) return told;
  // A file that does not load, or a hook that throws, ends the process with an error and is no test in the report.
  const why = `bun test exited with ${exitCode}, and no test of its report failed; see its output`;
  return { ...told, failed: 1, failures: [{ test: present.join(" "), why }] };
}

/** A command that prints `ok …` for each test that passed and `not ok …` for each that failed. */
async function runCommand(command: readonly string[]): Promise<Report> {
  const child = Bun.spawn([...command], { cwd: TOP, stdin: "ignore", stdout: "pipe", stderr: "inherit" });
  const output = await new Response(child.stdout).text();
  const exitCode = await child.exited;
  const lines = output.split("\n");
  const passed = lines.filter((line) => line.startsWith("ok ")).length;
  const failures = lines.filter((line) => line.startsWith("not ok "));
  if (exitCode !== 0 || failures.length > 0) console.log(output.trimEnd());
  if ((exitCode !== 0 || passed === 0) && failures.length === 0) failures.push(`exited with ${exitCode}`);
  const told = failures.map((line) => ({ test: command.join(" "), why: line }));
  return { passed, failed: failures.length, notRun: 0, failures: told };
}

/** The end of every console of the level's machines: a failed test's own message may not say what the host did. */
async function printConsoles(prefix: string): Promise<void> {
  const names = (await readdir(MACHINES).catch(() => [])).filter((name) => name.startsWith(prefix)).sort();
  for (const name of names) {
    const text = await readFile(join(MACHINES, name, "console.log"), "utf8").catch(() => undefined);
    if (text === undefined) continue;
    console.log(`\n--- build/vm/${name}/console.log ends with:`);
    console.log(text.replaceAll("\r", "").trimEnd().split("\n").slice(-CONSOLE_LINES).join("\n"));
  }
}

function report(outcomes: readonly Outcome[]): number {
  const total = (of: (outcome: Outcome) => number) => outcomes.reduce((sum, outcome) => sum + of(outcome), 0);
  console.log("");
  for (const one of outcomes) {
    const notRun = one.notRun === 0 ? "" : `, ${one.notRun} not run`;
    const counts = `${String(one.passed).padStart(5)} passed, ${one.failed} failed${notRun}`;
    console.log(`${one.level.padEnd(8)} ${counts.padEnd(34)} ${one.seconds.toFixed(1).padStart(7)} s`);
  }
  printFailures(outcomes.flatMap((outcome) => outcome.failures));
  const passed = total((outcome) => outcome.passed);
  const failed = total((outcome) => outcome.failed);
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
}

function printFailures(failures: readonly Failure[]): void {
  if (failures.length > 0) console.log("");
  for (const { test, why } of failures.slice(0, FAILURES_NAMED)) {
    console.log(`failed: ${test}: ${why}`.slice(0, FAILURE_LENGTH));
  }
  if (failures.length > FAILURES_NAMED) console.log(`and ${failures.length - FAILURES_NAMED} more failed`);
}

if (import.meta.main) process.exitCode = await runLevels(process.argv.slice(2));
