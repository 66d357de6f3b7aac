/**
 * The template engine: LiquidJS, strict about variables and filters, and with values escaped for the format of
 * the file (see formats.ts). A template can read nothing but the data it is given: no other template, no file.
 *
 * Lines that hold a tag alone leave no line in the output if the tag is written `{%- tag -%}`: the dashes take away the
 * blanks before it, and the rest of its line with the line's end. They never reach further.
 */

import { Liquid, LiquidError, type Template as LiquidTemplate } from "liquidjs";
import type { FileFormat } from "../settings/index.ts";
import { failure } from "./failures.ts";
import { registerFilters } from "./filters.ts";
import { type Write, writers } from "./formats.ts";
import { operators, registerTags } from "./liquid-tags.ts";
import { Refusal } from "./refusal.ts";

/** The API's whole model, as `GET /` answers: `settings`, `services`, `configuration-files`, `os`. */
export type Model = Readonly<Record<string, unknown>>;

/** What a template needs to know that is not in the model. */
export interface Facts {
  /** Whether the resolver finds settings.network.hostname at an address other than loopback. */
  readonly hostnameResolves: boolean;
  /** How many CPUs this host may use; undefined if no template asks. */
  readonly cpuCount: number | undefined;
}

/** A template that has been read and has no syntax error. */
export interface Template {
  readonly name: string;
  /** Whether its text depends on what the resolver says of the hostname. */
  readonly asksResolver: boolean;
  /** Whether its text depends on how many CPUs there are. */
  readonly asksCpuCount: boolean;
  /**
   * @throws  Failure naming the template, the place in it, and the setting that is missing or cannot be written
   */
  render(model: Model, facts: Facts): string;
}

/**
 * Reads the template of a file.
 *
 * @param name  file name of the template, for failures
 * @throws  Failure naming the template and the place of its syntax error
 */
export function parseTemplate(name: string, format: FileFormat, text: string): Template {
  return prepared(name, text, writers[format]);
}

/** Reads a template whose output is one setting's value and not a file, so that nothing needs escaping. */
export function parseValueTemplate(key: string, text: string): Template {
  return prepared(`of ${key}`, text, writers.text);
}

function prepared(name: string, text: string, write: Write): Template {
  const { engine, parsed } = parse(name, text, write);
  return {
    name,
    asksResolver: text.includes("facts.hostname-resolves"),
    asksCpuCount: text.includes("facts.cpu-count"),
    render: (model, facts) => {
      try {
        return String(engine.renderSync(parsed, { ...model, facts: factData(model, facts) }));
      } catch (cause) {
        const facts = { template: name, reason: reason(cause), missing: missingVariable(cause) };
        throw failure("apply/not-rendered", facts);
      }
    },
  };
}

function parse(name: string, text: string, write: Write) {
  try {
    const engine = engineOf(write);
    const parsed: LiquidTemplate[] = engine.parse(text);
    return { engine, parsed };
  } catch (cause) {
    throw failure("apply/template-invalid", { template: name, reason: reason(cause) });
  }
}

/** Engines are made once for each way to write: making one costs more than parsing most templates. */
const engines = new Map<Write, Liquid>();

function engineOf(write: Write): Liquid {
  const engine = engines.get(write) ?? newEngine(write);
  engines.set(write, engine);
  return engine;
}

function newEngine(write: Write): Liquid {
  const engine = new Liquid({
    strictVariables: true,
    strictFilters: true,
    // A missing setting is false in a condition, and an error everywhere else.
    lenientIf: true,
    ownPropertyOnly: true,
    // In-memory and empty: {% include %} and {% render %} find nothing and cannot reach the disk.
    templates: {},
    // `-%}` takes its own line's end and not the next line's indentation, which YAML needs.
    greedy: false,
    operators,
    outputEscape: write,
  });
  registerTags(engine);
  registerFilters(engine);
  return engine;
}

/** Those that are not known are absent: a template that uses them is an error. */
function factData(model: Model, facts: Facts): Record<string, unknown> {
  const { variant_id: variant } = (model.os ?? {}) as { variant_id?: unknown };
  const kubernetes = /^\w+-k8s-1\.(\d+)(?:-|$)/.exec(String(variant))?.[1];
  return {
    "hostname-resolves": facts.hostnameResolves,
    "cpu-count": facts.cpuCount,
    // The second number of the version; the first one is 1.
    "kubernetes-minor": kubernetes === undefined ? undefined : Number(kubernetes),
    "has-nvidia": String(variant).endsWith("-nvidia"),
  };
}

/**
 * The first line of LiquidJS's message, which says what and where (the lines below it repeat the template), and
 * the place that was refused, because the message of a Refusal does not say whose value it is about.
 */
function reason(cause: unknown): string {
  const text = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
  const refused = LiquidError.is(cause) && cause.originalError instanceof Refusal;
  return refused ? `${cause.token.getText()}: ${text}` : text;
}

function missingVariable(cause: unknown): string | undefined {
  // LiquidJS wraps its errors; how often depends on the tag around the insertion.
  for (let error: unknown = cause; error instanceof Error; ) {
    const name: unknown = Reflect.get(error, "variableName");
    if (typeof name === "string") return name;
    error = Reflect.get(error, "originalError");
  }
  return undefined;
}
