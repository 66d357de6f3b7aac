/** Looks at a published repository from outside, as its clients do, and at what they would need from it. */
import { availableParallelism } from "node:os";
import type { TargetFile } from "@tufjs/models";
import {
  compareVersions,
  HIGHEST_BOUND,
  instantText,
  type Manifest,
  migrationLists,
  waveOutOfOrder,
} from "../host/update/index.ts";
import { verifyRoles } from "../host/update/repository/index.ts";
import { fail } from "./failures.ts";
import { readManifest } from "./manifest-target.ts";
import { readTarget } from "./read-target.ts";
import { namedTargets } from "./release.ts";
import { roleFilesOf, type TrustedRepository } from "./trusted.ts";

/** Everything is told, not the first problem. @throws publish/bad-repository */
export function refuseProblems(repository: TrustedRepository, problems: readonly string[]): void {
  if (problems.length > 0) {
    throw fail("publish/bad-repository", { metadata: repository.places.metadata, problems });
  }
}

/**
 * Has the client that hosts use take the metadata, from a root role on.
 *
 * @returns what it says against it
 */
export async function refreshAsClient(
  repository: TrustedRepository,
  rootBytes: Buffer,
): Promise<readonly string[]> {
  const trusted = { bytes: rootBytes, path: "the root role given" };
  try {
    await verifyRoles(roleFilesOf(repository.places), trusted, { roots: [] }, new Date());
    return [];
  } catch (thrown) {
    return [`the client refuses it: ${thrown instanceof Error ? thrown.message : String(thrown)}`];
  }
}

/** What hosts would stumble over in a manifest that can be read. */
export async function manifestProblems(repository: TrustedRepository): Promise<readonly string[]> {
  const manifest = await readManifest(repository);
  const { targets } = repository.targets.signed;
  const missing = [...namedTargets(manifest)].filter((name) => !Object.hasOwn(targets, name));
  return [
    ...missing.map((name) => `manifest.json names ${name}, which is no target`),
    ...updateProblems(manifest),
  ];
}

/** The same for what the manifest says by itself. */
export function updateProblems({ updates, migrations }: Manifest): readonly string[] {
  const listBetween = migrationLists(migrations);
  return updates.flatMap((update, index) => {
    const { variant, arch, version, waves } = update;
    const what = `${version.text} of ${variant} for ${arch}`;
    const later = updates
      .slice(index + 1)
      .filter((other) => other.variant === variant && other.arch === arch);
    const problems: string[] = [];
    const wrong = waveOutOfOrder(waves);
    if (wrong !== undefined) {
      problems.push(`${what}: the wave at bound ${wrong.after.seed} opens at ${instantText(wrong.after.time)}, \
not after that at ${wrong.before.seed}`);
    }
    for (const bound of waves.keys()) {
      if (bound > HIGHEST_BOUND) problems.push(`${what}: no host has a seed at the bound ${bound}`);
    }
    for (const other of later) {
      if (compareVersions(other.version, version) === 0) {
        problems.push(`${what} is there twice`);
        continue;
      }
      const list = listBetween(version, other.version);
      if (list.kind === "broken") {
        problems.push(`${what}: the migrations to ${other.version.text} end at ${list.end.text}`);
      }
    }
    return problems;
  });
}

const MOST_AT_ONCE = 16;

/**
 * Fetches and hashes every target.
 *
 * @param done  told after each
 */
export async function targetProblems(
  repository: TrustedRepository,
  done: (target: TargetFile) => void,
): Promise<readonly string[]> {
  const waiting = Object.values(repository.targets.signed.targets);
  const problems: string[] = [];
  const work = async () => {
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      try {
        await readTarget(repository.places, target, () => {});
      } catch (thrown) {
        problems.push(thrown instanceof Error ? thrown.message : String(thrown));
      }
      done(target);
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), MOST_AT_ONCE) }, work));
  return problems.sort();
}
