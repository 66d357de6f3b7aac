/** What this checkout builds: the version of Release.toml and the commit. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { getStaticTOMLValue, parseTOML } from "toml-eslint-parser";
import { fail } from "./failures.ts";
import type { Release } from "./identity.ts";

/**
 * Reads version and date, and asks git for the commit.
 *
 * @param top  the repository
 * @throws image/bad-choice when Release.toml has no usable version or date
 */
export async function readRelease(top: string, variant: string, arch: string): Promise<Release> {
  const value: Record<string, unknown> = getStaticTOMLValue(
    parseTOML(await readFile(join(top, "Release.toml"), "utf8")),
  );
  const { version, date } = value;
  if (typeof version !== "string" || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw fail("image/bad-choice", {
      what: "Release.toml: version",
      found: String(version),
      accepted: ["N.N.N"],
    });
  }
  if (!(date instanceof Date)) {
    throw fail("image/bad-choice", { what: "Release.toml: date", found: String(date), accepted: ["a date"] });
  }
  const epoch = Number(process.env.SOURCE_DATE_EPOCH ?? Math.floor(date.getTime() / 1000));
  return { variant, arch, version, buildId: buildId(top), epoch };
}

function buildId(top: string): string {
  const git = (...args: string[]) => Bun.spawnSync(["git", "-C", top, ...args], { stderr: "ignore" });
  const commit = git("rev-parse", "--short=8", "HEAD");
  if (commit.exitCode !== 0) return "00000000";
  const status = git("status", "--porcelain");
  const dirty = status.exitCode !== 0 || status.stdout.toString().trim() !== "";
  return `${commit.stdout.toString().trim()}${dirty ? "-dirty" : ""}`;
}

/**
 * The value, when it is one of the accepted ones.
 *
 * @throws image/bad-choice naming what was found and what is accepted
 */
export function chosen<Choice extends string>(
  what: string,
  found: string,
  accepted: readonly Choice[],
): Choice {
  const choice = accepted.find((each) => each === found);
  if (choice === undefined) throw fail("image/bad-choice", { what, found, accepted });
  return choice;
}
