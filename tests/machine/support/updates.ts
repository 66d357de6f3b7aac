/** Releases of a variant and the repository that has them: real images, signed with the key for development. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "smol-toml";
import { type BuiltImage, buildImage } from "../../../image/build.ts";
import { progressLines } from "../../../sdk/index.ts";
import { runTool } from "./next-checkout.ts";

const TOP = join(import.meta.dirname, "../../..");

export interface TestRelease {
  readonly version: string;
  /** As Release.toml. */
  readonly file: string;
}

/** The checkout's own release. */
export async function thisRelease(): Promise<TestRelease> {
  const file = join(TOP, "Release.toml");
  return { version: String(parse(await readFile(file, "utf8")).version), file };
}

/**
 * Another version of this checkout, with one step of migrations from a version before it.
 *
 * @param directory  where its file is written
 * @param names      targets of the step
 */
export async function anotherRelease(
  directory: string,
  version: string,
  before: TestRelease,
  names: readonly string[] = [],
): Promise<TestRelease> {
  const content = parse(await readFile(before.file, "utf8"));
  const steps = typeof content.migrations === "object" ? content.migrations : {};
  const migrations = { ...steps, [`(${before.version}, ${version})`]: [...names] };
  const file = join(directory, `release-${version}.toml`);
  await writeFile(file, stringify({ ...content, version, migrations }));
  return { version, file };
}

/** Its image, where the checkout's images are: a second machine of it, and the next test, find it there. */
export function buildRelease(variant: string, release: TestRelease): Promise<BuiltImage> {
  return buildImage(variant, { release: release.file, progress: progressLines() });
}

/**
 * Publishes a built release as people do.
 *
 * @param out      a directory that becomes a repository
 * @param from     the repository that it follows; absent = it is the first release
 * @param targets  more files to publish, such as migrations
 */
export async function publishRelease(
  variant: string,
  release: TestRelease,
  out: string,
  from?: string,
  targets: readonly string[] = [],
): Promise<void> {
  const words = ["--repo", "development", "--release", release.file, "--out", out];
  const follows = from === undefined ? [] : ["--from", from];
  const more = targets.flatMap((target) => ["--target", target]);
  await repo("build", variant, ...words, ...follows, ...more);
}

/** Runs `pinwheel repo …`. @throws with all it said when it fails */
export async function repo(...words: readonly string[]): Promise<void> {
  await runTool(TOP, ["repo", ...words]);
}
