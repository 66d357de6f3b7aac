/** What must not be in a root tree: programs a variant's rules forbid, and scripts without their interpreter. */
import { open, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { getStaticTOMLValue, parseTOML } from "toml-eslint-parser";
import { exists } from "../sdk/index.ts";
import { fail } from "./failures.ts";
import { matcher } from "./globs.ts";

export interface RootRules {
  /** Globs of file names (without directory) that may not be in the image. */
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
 * Checks a finished tree.
 *
 * @returns how many executable files it holds, libraries and kernel modules not counted
 * @throws image/forbidden-files naming all that break a rule
 */
export async function checkRoot(tree: string, rules: RootRules): Promise<number> {
  const problems: string[] = [];
  const forbidden = rules.forbidden.map((glob) => ({ glob, matches: matcher(glob) }));
  let executables = 0;
  const entries = await readdir(tree, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile() && !entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(tree, path);
    const rule = forbidden.find(({ matches }) => matches(entry.name));
    if (rule !== undefined && /(^|\/)s?bin\//.test(name))
      problems.push(`${name}: forbidden by "${rule.glob}"`);
    if (!entry.isFile()) continue;
    const handle = await open(path);
    try {
      if (((await handle.stat()).mode & 0o111) === 0) continue;
      if (!/\.so(\.|$)/.test(name)) executables += 1;
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, 0);
      const interpreter = interpreterOf(buffer.subarray(0, bytesRead));
      if (interpreter !== undefined && !(await exists(join(tree, interpreter)))) {
        problems.push(`${name}: needs ${interpreter}, which is not in the image`);
      }
    } finally {
      await handle.close();
    }
  }
  if (problems.length > 0) throw fail("image/forbidden-files", { problems });
  return executables;
}

/** The interpreter a script names in its first line. */
export function interpreterOf(start: Uint8Array): string | undefined {
  return /^#!\s*(\S+)/.exec(Buffer.from(start).toString("latin1"))?.[1];
}
