/** Finds Infra.toml, or Infra.lock, which is used instead when it stands beside it. */
import { dirname, join } from "node:path";
import { parse, YAMLParseError } from "yaml";
import { readTextIfExists } from "../host/linux/files.ts";
import { type Json, sourceFromJson } from "../host/settings/source.ts";
import { TableReader } from "../host/settings/table-reader.ts";
import { fail } from "./failures.ts";
import { type Infra, type InfraRepo, readInfra } from "./infra.ts";
import { parseToml, whenRight } from "./toml-file.ts";

/**
 * Reads the configuration.
 *
 * @param file  Infra.toml; Infra.lock (YAML of the same structure) in its directory wins
 * @returns undefined when there is neither
 * @throws publish/bad-file
 */
export async function findInfra(file: string): Promise<Infra | undefined> {
  const lock = join(dirname(file), "Infra.lock");
  const locked = await readTextIfExists(lock);
  if (locked !== undefined) return parseLock(lock, locked);
  const text = await readTextIfExists(file);
  return text === undefined ? undefined : parseToml(file, text, readInfra);
}

/** The repository of a name. @throws publish/no-such-repo */
export function repoOf(infra: Infra, repo: string): InfraRepo {
  const found = infra.repos.get(repo);
  if (found !== undefined) return found;
  throw fail("publish/no-such-repo", { repo, file: infra.file, known: [...infra.repos.keys()] });
}

function parseLock(file: string, text: string): Infra {
  const reader = new TableReader(file);
  return whenRight(reader, readInfra(reader, sourceFromJson(parseYaml(file, text))));
}

function parseYaml(file: string, text: string): Json {
  try {
    return parse(text, { schema: "core" }) as Json; // the schema makes nothing else
  } catch (thrown) {
    if (!(thrown instanceof YAMLParseError)) throw thrown;
    throw fail("publish/bad-file", { problems: [`${file}: ${thrown.message}`] }, { cause: thrown });
  }
}
