/** What the bodies of requests and replies look like, as JSON Schemas under the names that endpoints use. */
import type { Schema } from "../../settings/index.ts";
import { amount, closed, mayGrow, record, reference, text, texts } from "./schema-words.ts";
import { statusSchemas } from "./status-schemas.ts";
import { updateSchemas } from "./update-schemas.ts";

const mapOf = (additionalProperties: Schema): Schema => ({ type: "object", additionalProperties });

const os = {
  arch: { type: "string", enum: ["x86_64", "aarch64"] },
  build_id: text,
  pretty_name: text,
  variant_id: text,
  version_id: { type: "string", description: "A semantic version such as 1.11.1" },
} satisfies Readonly<Record<string, Schema>>;

/** All schemas. */
export const schemas = {
  ...statusSchemas,
  ...updateSchemas,
  Settings: {
    type: "object",
    description: `Settings without an outer \`settings\` layer; only those that are set. Variants differ in what can be set:
the JSON Schema of this host's settings is at GET /settings/schema. In a transaction, null stands for a setting that is to
be removed.`,
    examples: [{ motd: "hello", ntp: { "time-servers": ["192.0.2.7"] } }],
  },
  Keys: {
    ...texts,
    description: "Dotted keys; parts that contain a dot are in double quotes.",
    examples: [["settings.motd", 'settings.kernel.sysctl."vm.swappiness"']],
  },
  Trial: record({
    keys: reference("Keys"),
    seconds: { type: "integer", minimum: 1, description: "How long the trial is" },
    "seconds-left": amount,
    "after-restart": {
      type: "boolean",
      description: "Whether the host has started since: the next start puts the settings back",
    },
  }),
  Os: {
    type: "object",
    description: "Facts about the running system; all of them, or those that a prefix takes.",
    properties: os,
    ...closed,
  },
  Services: {
    ...mapOf(record({ "configuration-files": texts, "restart-commands": texts })),
    description: "By name: the configuration files that a service uses, and how it is restarted.",
  },
  ConfigurationFiles: {
    ...mapOf(record({ path: text, "template-path": text })),
    description: "By name: where a file is written, and the template that it is rendered from.",
  },
  Model: {
    type: "object",
    properties: {
      "configuration-files": reference("ConfigurationFiles"),
      os: reference("Os"),
      services: reference("Services"),
      settings: reference("Settings"),
    },
    ...closed,
  },
  Diff: record({
    settings: {
      type: "array",
      description: "null is not set",
      items: record({ key: text, old: {}, new: {} }),
    },
    reboot: {
      type: "array",
      description: "What takes its whole effect only after a reboot",
      items: record({ key: text, why: text }),
    },
    files: {
      type: "array",
      items: record({
        name: text,
        path: text,
        change: { type: "string", enum: ["created", "changed", "removed"] },
        diff: { type: ["string", "null"], description: "A unified diff; null where it may hold secrets" },
      }),
    },
    services: {
      type: "array",
      description: "Whose restart commands would be run, in this order",
      items: record({ name: text, "restart-commands": texts }),
    },
    problems: { type: "array", items: reference("ApplyFailure") },
  }),
  Applied: record({ commits: { type: "array", items: reference("AppliedCommit") } }),
  AppliedCommit: record({
    id: text,
    "committed-at": { type: "string", description: "RFC 3339, UTC" },
    keys: { anyOf: [reference("Keys"), { type: "string", const: "all" }] },
    state: { type: "string", enum: ["waiting", "applying", "done", "failed"] },
    "duration-ms": { type: ["number", "null"], minimum: 0, description: "null before its end" },
    files: { ...texts, description: "Paths that were written" },
    "removed-files": { ...texts, description: "Paths that were removed: a setting that they need was" },
    services: {
      type: "array",
      items: record({
        name: text,
        outcome: { type: "string", enum: ["done", "failed"] },
        "duration-ms": { type: "number", minimum: 0 },
      }),
    },
    failures: { type: "array", items: reference("ApplyFailure") },
    warnings: { type: "array", items: reference("ApplyFailure") },
  }),
  BootReport: record({
    steps: {
      type: "array",
      items: record(
        {
          name: text,
          startedAtMs: { ...amount, description: "Milliseconds since 1970" },
          durationMs: { type: "number", minimum: 0 },
          outcome: { type: "string", enum: ["done", "skipped", "failed"] },
          summary: text,
          problems: { type: "array", items: reference("BootProblem") },
        },
        mayGrow,
      ),
    },
  }),
  BootProblem: {
    ...record(
      {
        source: { type: "string", description: "The file, program or request at fault" },
        key: { type: "string", description: "The full dotted key; empty if no single setting is meant" },
        problem: text,
        accepted: { type: "string", description: "What would be right; empty if it is not about a value" },
      },
      mayGrow,
    ),
    description: "`line` and `column`, from 1, stand beside it where the source has lines.",
  },
  ApplyReport: record({
    runs: {
      type: "array",
      items: record(
        {
          startedAtMs: { ...amount, description: "Milliseconds since 1970" },
          durationMs: { type: "number", minimum: 0 },
          keys: { anyOf: [reference("Keys"), { type: "string", const: "all" }] },
          writtenPaths: texts,
          restarts: {
            type: "array",
            items: record(
              {
                name: text,
                outcome: { type: "string", enum: ["done", "failed"] },
                durationMs: { type: "number", minimum: 0 },
              },
              mayGrow,
            ),
          },
          failures: { type: "array", items: reference("ApplyFailure") },
          warnings: { type: "array", items: reference("ApplyFailure") },
        },
        mayGrow,
      ),
    },
  }),
  ApplyFailure: record(
    {
      code: { type: "string", description: "Names the kind for programs; empty if nobody has foreseen it" },
      text,
      hint: { type: "string", description: "What to do; empty if that is not known" },
    },
    mayGrow,
  ),
} satisfies Readonly<Record<string, Schema>>;

export type SchemaName = keyof typeof schemas;

/** Shapes that only one endpoint has. */
export const textsByKey: Schema = mapOf(texts);
export const textByKey: Schema = mapOf(text);
export const names: Schema = texts;
export const anyObject: Schema = { type: "object" };
