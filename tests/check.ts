/** What `make check` runs: every check that takes seconds, all of them even when one fails. */
import { join } from "node:path";

const TOP = join(import.meta.dirname, "..");
const BIN = join(TOP, "node_modules/.bin");

const CHECKS: readonly { readonly name: string; readonly command: readonly string[] }[] = [
  { name: "types", command: [join(BIN, "tsc"), "-p", TOP] },
  { name: "lint and format", command: [join(BIN, "biome"), "check", "--error-on-warnings", TOP] },
  { name: "dead code", command: [join(BIN, "knip"), "--directory", TOP] },
];

/** Prints each check's name, verdict and time, with its output where it failed. @returns the exit code */
export async function runChecks(): Promise<number> {
  const outcomes = await Promise.all(
    CHECKS.map(async (check) => {
      const begin = performance.now();
      const child = Bun.spawn([...check.command], { cwd: TOP, stdout: "pipe", stderr: "pipe" });
      const [stdout, stderr, exitCode] = await Promise.all([
        new Response(child.stdout).text(),
        new Response(child.stderr).text(),
        child.exited,
      ]);
      const seconds = ((performance.now() - begin) / 1000).toFixed(1);
      console.log(`${exitCode === 0 ? "ok    " : "FAILED"} ${check.name} (${seconds} s)`);
      if (exitCode !== 0) console.log(`${stdout}${stderr}`.trimEnd());
      return exitCode;
    }),
  );
  return outcomes.every((exitCode) => exitCode === 0) ? 0 : 1;
}
