/** What a build is a release of: the version of Release.toml, or of another such file, and the commit. */
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { getStaticTOMLValue, parseTOML } from "toml-eslint-parser";
import { fail } from "./failures.ts";
import type { Release } from "./identity.ts";

/**
 * Reads version and date, and asks git for the commit.
 *
 * @param top   the repository
 * @param file  its Release.toml when absent
 * @throws image/bad-choice when the file has no usable version or date, image/bad-release-file
 */
export async function readRelease(
  top: string,
  variant: string,
  arch: string,
  file = join(top, "Release.toml"),
): Promise<Release> {
  const value = await tableIn(file);
  const { version, date } = value;
  if (typeof version !== "string" || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw fail("image/bad-choice", {
      what: `${basename(file)}: version`,
      found: String(version),
      accepted: ["N.N.N"],
    });
  }
  if (!(date instanceof Date)) {
    throw fail("image/bad-choice", {
      what: `${basename(file)}: date`,
      found: String(date),
      accepted: ["a date"],
    });
  }
  const epoch = Number(process.env.SOURCE_DATE_EPOCH ?? Math.floor(date.getTime() / 1000));
  return { variant, arch, version, buildId: buildId(top), epoch };
}

async function tableIn(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return getStaticTOMLValue(parseTOML(await readFile(file, "utf8")));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw fail("image/bad-release-file", { file, reason }, { cause });
  }
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
