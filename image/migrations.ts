/**
 * The migrations of the tree, from what people write to what hosts read: `migrations/<version>/<name>.toml` becomes the
 * target `migrate_v<version>_<name>.lz4` (specification "updates" 11.1).
 */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { parseTomlSource } from "../host/settings/toml-source.ts";
import { migrationText, readMigration } from "../host/store/migrations/index.ts";
import type { Sdk } from "../sdk/index.ts";
import { fail } from "./failures.ts";

/** The text of each migration by the name of its target, which ends with `.lz4`. */
export type MigrationTexts = ReadonlyMap<string, string>;

const SOURCE = /^([0-9]+\.[0-9]+\.[0-9]+)\/([a-z0-9][a-z0-9-]*)\.toml$/;

/**
 * Reads and checks the migrations of a tree, those of all versions.
 *
 * @param directory  migrations/ of the repository, or one like it
 * @throws image/bad-choice for a file that makes no target; Failure "migrations/bad" with file, line and column
 */
export async function readMigrationSources(directory: string): Promise<MigrationTexts> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const texts = new Map<string, string>();
  for (const path of files.map((file) => file.slice(directory.length + 1)).sort()) {
    if (path === "README.md") continue;
    const [, version, name] = SOURCE.exec(path) ?? [];
    if (name === undefined) {
      const accepted = ["X.Y.Z/NAME.toml with a name of a-z, 0-9 and -"];
      throw fail("image/bad-choice", { what: "A file in migrations/", found: path, accepted });
    }
    const source = parseTomlSource(await readFile(join(directory, path), "utf8"));
    texts.set(
      `migrate_v${version}_${name}.lz4`,
      migrationText(readMigration(`${basename(directory)}/${path}`, source)),
    );
  }
  return texts;
}

/**
 * Writes the tar from which migrations are published: each an LZ4 frame at the default level, at its top. The same
 * migrations make the same bytes.
 *
 * @param epoch  the time of its entries, in seconds
 */
export async function packMigrations(
  sdk: Sdk,
  tar: string,
  texts: MigrationTexts,
  epoch: number,
): Promise<void> {
  const directory = join(dirname(tar), ".migrations");
  await mkdir(directory);
  const place = { writable: [dirname(tar)] };
  for (const [name, text] of texts) {
    const file = join(directory, "text");
    await writeFile(file, text);
    await sdk.run(["lz4", "-q", file, join(directory, name)], place);
  }
  const likeAlways = [
    "--sort=name",
    `--mtime=@${epoch}`,
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--mode=0644",
  ];
  const what = [`--directory=${directory}`, "--files-from=/dev/null", ...texts.keys()];
  await sdk.run(["tar", "--create", `--file=${tar}`, ...likeAlways, ...what], place);
  await rm(directory, { recursive: true });
}
