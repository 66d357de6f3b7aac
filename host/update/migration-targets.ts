/** The migrations of a repository between two versions, as texts (specification "updates" 11.1 to 11.3). Decides. */
import { fail } from "./failures.ts";
import type { Manifest } from "./manifest.ts";
import { neededMigrations } from "./migration-list.ts";
import { BadSmallFrame, decodeSmallFrame } from "./small-frame.ts";
import type { TargetSource } from "./target-source.ts";
import type { Version } from "./version.ts";

/** A migration that has been verified. What it says is not looked at here. */
export interface MigrationText {
  /** Of its target. */
  readonly name: string;
  readonly text: string;
}

const MOST_BYTES = 1024 * 1024; // thousands of steps; a frame of 4 KiB could hold as much, and a larger one a thousand times it

/**
 * Reads the migrations from one version to another.
 *
 * @returns in the order in which they run, backward if `to` is the lower version
 * @throws Failure "migration-list/broken", "migration-target/missing", "migration-target/bad"; what the source throws
 */
export async function readMigrationTexts(
  source: TargetSource,
  manifest: Pick<Manifest, "migrations">,
  from: Version,
  to: Version,
): Promise<readonly MigrationText[]> {
  const names = neededMigrations(manifest, from, to);
  const missing = names.filter((name) => !source.has(name));
  if (missing.length > 0) throw fail("migration-target/missing", { names: missing });
  const texts: MigrationText[] = [];
  for (const name of names) texts.push({ name, text: await readText(source, name) });
  return texts;
}

async function readText(source: TargetSource, name: string): Promise<string> {
  const length = source.length(name);
  if (length > MOST_BYTES) {
    const reason = `it has ${length} bytes, and ${MOST_BYTES} are possible`;
    throw fail("migration-target/bad", { name, reason });
  }
  const frame = await source.read(name);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(decodeSmallFrame(frame, MOST_BYTES));
  } catch (cause) {
    const reason = cause instanceof BadSmallFrame ? cause.message : "it is not UTF-8";
    throw fail("migration-target/bad", { name, reason }, { cause });
  }
}
