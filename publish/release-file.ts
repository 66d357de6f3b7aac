/** Release.toml: the version of the tree, and the migrations there are (specification "updates" 13.2). Decides. */
import { describeNode } from "../host/settings/index.ts";
import { type MigrationStep, parseMigrationKey, parseVersion, type Version } from "../host/update/index.ts";
import { parseToml } from "./toml-file.ts";

export interface ReleaseFile {
  readonly version: Version;
  readonly migrations: readonly MigrationStep[];
}

/** @throws publish/bad-file */
export function parseReleaseFile(file: string, text: string): ReleaseFile {
  return parseToml(file, text, (reader, document) => {
    const fields = reader.table("", document, ["version", "date", "migrations"]);
    const versionText = reader.text("version", fields.get("version"));
    const version = parseVersion(versionText);
    if (version === undefined && versionText !== "") {
      const found = `found the text ${JSON.stringify(versionText)}`;
      reader.mistake("version", fields.get("version"), found, "a version like 1.11.1");
    }
    const steps = new Map<string, MigrationStep>();
    const table = fields.get("migrations");
    if (table !== undefined && table.kind !== "table") {
      reader.mistake("migrations", table, `found ${describeNode(table)}`, "a table");
    }
    for (const { name, value, at } of table?.kind === "table" ? table.entries : []) {
      const field = `migrations.${JSON.stringify(name)}`;
      const pair = parseMigrationKey(name);
      if (pair === undefined) {
        reader.mistake(field, { at }, "not two versions", 'a key like "(1.11.0, 1.11.1)"');
        continue;
      }
      const same = `(${pair.from.text}, ${pair.to.text})`;
      if (steps.has(same)) reader.mistake(field, { at }, `${same} is given twice`, "each pair once");
      steps.set(same, { ...pair, names: reader.texts(field, value) });
    }
    // What stands for a bad version is not seen by anybody: there is a mistake then.
    return { version: version ?? standIn, migrations: [...steps.values()] };
  });
}

const standIn: Version = { text: "", numbers: [0n, 0n, 0n], preRelease: [], build: [] };
