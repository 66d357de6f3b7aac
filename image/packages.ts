/** Debian packages extracted into a bare tree: nothing of them is installed or run. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { cached, hashOf, type Progress, type Sdk } from "../sdk/index.ts";

/** One Debian package as it was extracted. */
export interface ExtractedPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: string;
  readonly homepage: string;
  readonly summary: string;
  /** Its files and links, relative to the root. */
  readonly files: readonly string[];
}

export interface ExtractedPackages {
  readonly root: string;
  readonly packages: readonly ExtractedPackage[];
  /** Hash of the names and versions of all packages. */
  readonly key: string;
}

/**
 * Resolves packages and extracts them, or finds the tree made from the same list.
 *
 * The mirror is asked once for a list and its answer kept, so that builds of the same inputs have the same bytes.
 *
 * @param refresh  ask the mirror again, for newer versions
 * @throws sdk/command-failed with what mmdebstrap said
 */
export async function extractPackages(
  sdk: Sdk,
  names: readonly string[],
  progress: Progress,
  refresh = false,
): Promise<ExtractedPackages> {
  const script = join(import.meta.dirname, "packages.sh");
  const sorted = [...names].sort();
  const key = hashOf(sdk.hash, await readFile(script), sorted.join(" "));
  const directory = await cached(
    "packages",
    key,
    (unfinished) =>
      progress.step("packages of Debian 13", async (note) => {
        const mirror = process.env.PINWHEEL_MIRROR ?? "";
        await sdk.run(["sh", script, unfinished, "trixie", mirror, sorted.join(",")], {
          readable: [script],
          writable: [unfinished],
        });
        note(`${(await readdir(join(unfinished, "control"))).length} packages`);
      }),
    refresh,
  );
  const packages = await readPackages(directory);
  return {
    root: join(directory, "root"),
    packages,
    key: hashOf(key, ...packages.map((each) => `${each.name}=${each.version}`)),
  };
}

async function readPackages(directory: string): Promise<readonly ExtractedPackage[]> {
  const packages: ExtractedPackage[] = [];
  for (const name of (await readdir(join(directory, "control"))).sort()) {
    const control = await readFile(join(directory, "control", name), "utf8");
    const list = await readFile(join(directory, "lists", name), "utf8");
    packages.push(describe(name, control, list.split("\n").filter(Boolean)));
  }
  return packages;
}

/** Reads the few fields that dpkg-deb printed; the first line of Description is the summary. */
export function describe(name: string, control: string, files: readonly string[]): ExtractedPackage {
  const field = (key: string) => new RegExp(`^${key}: (.*)$`, "m").exec(control)?.[1]?.trim() ?? "";
  return {
    name,
    version: field("Version"),
    architecture: field("Architecture"),
    source: field("Source").replace(/ \(.*\)$/, "") || name,
    homepage: field("Homepage"),
    summary: field("Description"),
    files,
  };
}
