/**
 * variant.json: what a built host knows about its variant. Checked once here; behind `loadVariant` the type
 * is the proof. The build writes the file from the same type.
 */
import { messageOf } from "../linux/failure.ts";
import { fail, type Mistake } from "./failures.ts";
import { type GroupName, groups } from "./groups/index.ts";
import { isTable, type Json, type JsonTable } from "./source.ts";

/** What a change of settings re-renders and restarts. */
export interface Service {
  readonly configurationFiles: readonly string[];
  readonly restartCommands: readonly string[];
}

/** How values are escaped in a file that is rendered from settings; host/apply has a writer for each. */
export const fileFormats = ["toml", "yaml", "json", "env", "unit", "words", "text", "verbatim"] as const;
export type FileFormat = (typeof fileFormats)[number];

/** A file that is rendered from settings. */
export interface ConfigurationFile {
  readonly path: string;
  readonly templatePath: string;
  /** Not shown by the API, as in the reference; nor is `mode`. */
  readonly format: FileFormat;
  /** Permission bits; `undefined` for those of a file that anybody may read. */
  readonly mode: number | undefined;
}

export interface Variant {
  /** `platform-runtime[-version][-flavor]`: "aws-k8s-1.24-nvidia". */
  readonly name: string;
  /** The first word of the name: "aws". */
  readonly platform: string;
  /** The second word of the name: "k8s". */
  readonly runtime: string;
  /** The first two words of the name: "aws-k8s". Most of what differs between variants differs between families. */
  readonly family: string;
  readonly arch: "x86_64" | "aarch64";
  /** The version of the OS, three numbers with dots. */
  readonly version: string;
  readonly buildId: string;
  readonly groups: readonly GroupName[];
  /** The inside of `settings`, merged from the fragments. */
  readonly settings: JsonTable;
  /** The merged `metadata` table, with `settings` as its first level (specification "api" 13.1). */
  readonly metadata: JsonTable;
  readonly services: ReadonlyMap<string, Service>;
  readonly configurationFiles: ReadonlyMap<string, ConfigurationFile>;
}

/**
 * Reads the content of variant.json.
 *
 * @throws Failure "settings/bad-variant", naming every wrong field, what was found and what is accepted
 */
export function loadVariant(text: string): Variant {
  const file = "variant.json";
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    const found = messageOf(cause);
    throw fail(
      "settings/bad-variant",
      { mistakes: [{ file, field: "the file", found, accepted: "JSON" }] },
      { cause },
    );
  }
  const reader = new FieldReader(file);
  const variant = readVariant(reader, content);
  if (reader.mistakes.length > 0) throw fail("settings/bad-variant", { mistakes: reader.mistakes });
  return variant;
}

const fields = [
  "variant",
  "arch",
  "version",
  "build-id",
  "groups",
  "settings",
  "metadata",
  "services",
  "configuration-files",
];

function readVariant(reader: FieldReader, content: unknown): Variant {
  const all = reader.object("the file", content);
  reader.refuseUnknown("", all, fields);
  const arch = reader.text("arch", all.arch);
  if (arch !== "x86_64" && arch !== "aarch64") reader.mistake("arch", all.arch, '"x86_64" or "aarch64"');
  const name = reader.text("variant", all.variant);
  const [platform = "", runtime = ""] = name.split("-");
  return {
    name,
    platform,
    runtime,
    family: `${platform}-${runtime}`,
    arch: arch === "aarch64" ? arch : "x86_64",
    version: reader.text("version", all.version),
    buildId: reader.text("build-id", all["build-id"]),
    groups: readGroups(reader, all.groups),
    settings: reader.object("settings", all.settings),
    metadata: reader.object("metadata", all.metadata),
    services: readServices(reader, all.services),
    configurationFiles: readConfigurationFiles(reader, all["configuration-files"]),
  };
}

function readGroups(reader: FieldReader, value: unknown): GroupName[] {
  const found: GroupName[] = [];
  for (const name of reader.texts("groups", value)) {
    if (isGroupName(name)) found.push(name);
    else reader.mistake("groups", name, Object.keys(groups).join(", "));
  }
  return found;
}

/** True if a group of this name is declared. */
export function isGroupName(name: string): name is GroupName {
  return Object.hasOwn(groups, name);
}

/** Reads the `services` table of variant.json or of a merged set of fragments. */
function readServices(reader: FieldReader, value: unknown): Map<string, Service> {
  const services = new Map<string, Service>();
  for (const [name, entry] of Object.entries(reader.object("services", value))) {
    const field = `services.${name}`;
    const members = reader.object(field, entry);
    reader.refuseUnknown(field, members, ["configuration-files", "restart-commands"]);
    services.set(name, {
      configurationFiles: reader.texts(`${field}.configuration-files`, members["configuration-files"]),
      restartCommands: reader.texts(`${field}.restart-commands`, members["restart-commands"]),
    });
  }
  return services;
}

/** Reads the `configuration-files` table of variant.json or of a merged set of fragments. */
function readConfigurationFiles(reader: FieldReader, value: unknown): Map<string, ConfigurationFile> {
  const files = new Map<string, ConfigurationFile>();
  for (const [name, entry] of Object.entries(reader.object("configuration-files", value))) {
    const field = `configuration-files.${name}`;
    const members = reader.object(field, entry);
    reader.refuseUnknown(field, members, ["path", "template-path", "format", "mode"]);
    files.set(name, {
      path: reader.text(`${field}.path`, members.path),
      templatePath: reader.text(`${field}.template-path`, members["template-path"]),
      format: reader.choice(`${field}.format`, members.format, fileFormats),
      mode: members.mode === undefined ? undefined : reader.mode(`${field}.mode`, members.mode),
    });
  }
  return files;
}

/** Reads fields of unknown values and collects what is wrong; every result is usable, if only as a stand-in. */
class FieldReader {
  readonly mistakes: Mistake[] = [];

  constructor(private readonly file: string) {}

  object(field: string, value: unknown): JsonTable {
    // JSON.parse and the TOML reader make nothing but JSON values.
    if (isTable(value as Json)) return value as JsonTable;
    this.mistake(field, value, "a table");
    return {};
  }

  /** One line of text, and no control characters that end a line (specification "api" 2). */
  text(field: string, value: unknown): string {
    if (typeof value === "string" && !/[\p{Cc}\u2028\u2029]/u.test(value)) return value;
    this.mistake(field, value, "a string on one line");
    return "";
  }

  texts(field: string, value: unknown): string[] {
    if (Array.isArray(value)) return value.map((item, index) => this.text(`${field}[${index}]`, item));
    this.mistake(field, value, "a list of strings");
    return [];
  }

  /** One of these words; the first stands in for what is none of them. */
  choice<Word extends string>(
    field: string,
    value: unknown,
    words: readonly [Word, ...(readonly Word[])],
  ): Word {
    const found = words.find((word) => word === value);
    if (found === undefined) this.mistake(field, value, `one of ${words.join(", ")}`);
    return found ?? words[0];
  }

  /** Permission bits as people write them: four octal digits. */
  mode(field: string, value: unknown): number {
    if (typeof value === "string" && /^0[0-7]{3}$/.test(value)) return Number.parseInt(value, 8);
    this.mistake(field, value, 'four octal digits, like "0600"');
    return 0;
  }

  refuseUnknown(field: string, found: JsonTable, known: readonly string[]): void {
    for (const name of Object.keys(found)) {
      if (known.includes(name)) continue;
      const full = field === "" ? name : `${field}.${name}`;
      this.mistakes.push({
        file: this.file,
        field: full,
        found: "unknown field",
        accepted: known.join(", "),
      });
    }
  }

  mistake(field: string, value: unknown, accepted: string): void {
    const found = value === undefined ? "missing" : `found ${JSON.stringify(value)?.slice(0, 120)}`;
    this.mistakes.push({ file: this.file, field, found, accepted });
  }
}
