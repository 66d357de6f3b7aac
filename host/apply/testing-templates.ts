/** For tests: shipped templates rendered, and rendered files read back with real parsers. */

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { FileFormat } from "../settings/index.ts";
import type { Json, SourceNode } from "../settings/source.ts";
import { parseTomlSource } from "../settings/toml-source.ts";
import { parseTemplate, type Template } from "./template.ts";
import { readEnvironmentFile, readUnit } from "./testing-systemd.ts";

export const templates = join(import.meta.dir, "../../variants/shared/templates");

/** What a test says of the host that renders. */
export interface RenderingHost {
  /** Decides the Kubernetes version and whether there is NVIDIA's runtime. */
  readonly variant?: string;
  readonly hostnameResolves?: boolean;
  readonly cpuCount?: number;
}

/** The text of a shipped template with these settings. */
export function render(name: string, format: FileFormat, settings: object, host: RenderingHost = {}): string {
  return rendered(parseTemplate(name, format, readFileSync(join(templates, name), "utf8")), settings, host);
}

/** The text of a template of a test's own. */
export function renderText(
  format: FileFormat,
  text: string,
  settings: object,
  host: RenderingHost = {},
): string {
  return rendered(parseTemplate("a-template", format, text), settings, host);
}

function rendered(template: Template, settings: object, host: RenderingHost): string {
  const { variant = "metal-dev", hostnameResolves = true, cpuCount = 2 } = host;
  return template.render({ settings, os: { variant_id: variant } }, { hostnameResolves, cpuCount });
}

/** What a rendered file says to its reader; throws if it is not well-formed. */
export const readers = {
  toml: readToml,
  yaml: readYaml,
  json: (text: string): unknown => JSON.parse(text),
  env: readEnvironmentFile,
  unit: readUnit,
};

/** The kubelet's reader is of YAML 1.1 with some of 1.2, so both must agree. */
function readYaml(text: string): unknown {
  const value: unknown = parse(text, { version: "1.2" });
  expect(parse(text, { version: "1.1" })).toEqual(value);
  return value;
}

function readToml(text: string): Json {
  const parsed = parseTomlSource(text);
  if (!parsed.ok) throw new Error(parsed.problems.map(({ problem }) => problem).join("; "));
  return plain(parsed.node);
}

function plain(node: SourceNode): Json {
  switch (node.kind) {
    case "table":
      return Object.fromEntries(node.entries.map(({ name, value }) => [name, plain(value)]));
    case "list":
      return node.items.map(plain);
    case "integer":
      return Number(node.value);
    case "date":
      throw new Error(`the date ${node.text} is not what any setting is`);
    case "null":
      return null;
    default:
      return node.value;
  }
}

/** What a rendering returns; undefined if it fails because a value cannot be written. */
export function orRefused(rendering: () => string): string | undefined {
  try {
    return rendering();
  } catch (error) {
    // Whether it is a refusal only its words tell: the failure has the engine's error, made from it, in between.
    if (!/^.*(?:it has |it is |it starts with |cannot be inserted here)/.test(String(error))) throw error;
    return undefined;
  }
}
