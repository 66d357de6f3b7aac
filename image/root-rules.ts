/** What must not be in a root tree: programs a variant's rules forbid, and scripts without their interpreter. */
import { basename, join } from "node:path";
import { getStaticTOMLValue, parseTOML } from "toml-eslint-parser";
import { exists } from "../sdk/index.ts";
import type { Executable } from "./executables.ts";
import { fail } from "./failures.ts";
import { matcher } from "./globs.ts";

export interface RootRules {
  /** Globs of names (without directory) that no executable may have. */
  readonly forbidden: readonly string[];
}

/** Reads a rules file: `forbidden`, a list of globs. */
export function parseRootRules(text: string, file: string): RootRules {
  const value: Record<string, unknown> = getStaticTOMLValue(parseTOML(text));
  const { forbidden } = value;
  if (!Array.isArray(forbidden) || !forbidden.every((glob) => typeof glob === "string")) {
    throw fail("image/bad-rules", { file, problem: "forbidden is not a list of text" });
  }
  return { forbidden };
}

/**
 * Checks the executables of a finished tree.
 *
 * @throws image/forbidden-files naming all that break a rule
 */
export async function checkRoot(
  tree: string,
  executables: readonly Executable[],
  rules: RootRules,
): Promise<void> {
  const problems: string[] = [];
  const forbidden = rules.forbidden.map((glob) => ({ glob, matches: matcher(glob) }));
  for (const { path, interpreter } of executables) {
    const rule = forbidden.find(({ matches }) => matches(basename(path)));
    if (rule !== undefined) problems.push(`${path}: forbidden by "${rule.glob}"`);
    if (interpreter !== undefined && !(await exists(join(tree, interpreter))))
      problems.push(`${path}: needs ${interpreter}, which is not in the image`);
  }
  if (problems.length > 0) throw fail("image/forbidden-files", { problems });
}
