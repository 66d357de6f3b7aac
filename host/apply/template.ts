/**
 * The template engine: LiquidJS, strict about variables and filters, and with values escaped for the format of
 * the file (see formats.ts). A template can read nothing but the data it is given: no other template, no file.
 */

import { Liquid, LiquidError, type Template as LiquidTemplate } from "liquidjs";
import { failure } from "./failures.ts";
import { freeText, Unwritable, writerFor } from "./formats.ts";
import { loopbackAliases, ownLines } from "./hosts.ts";

/** The API's whole model, as `GET /` answers: `settings`, `services`, `configuration-files`, `os`. */
export type Model = Readonly<Record<string, unknown>>;

/** What a template needs to know that is not in the model. */
export interface Facts {
  /** Whether the resolver finds settings.network.hostname at an address other than loopback. */
  readonly hostnameResolves: boolean;
}

/** A template that has been read and has no syntax error. */
export interface Template {
  readonly name: string;
  /** Whether its text depends on what the resolver says of the hostname. */
  readonly asksResolver: boolean;
  /**
   * @throws  Failure naming the template, the place in it, and the setting that is missing or cannot be written
   */
  render(model: Model, facts: Facts): string;
}

/**
 * Reads the template of a file.
 *
 * @param name  file name of the template; says the format that values are escaped for
 * @throws  Failure naming the template and the place of its syntax error
 */
export function parseTemplate(name: string, text: string): Template {
  return prepared(name, text, () => writerFor(name));
}

/** Reads a template whose output is one setting's value and not a file, so that nothing needs escaping. */
export function parseValueTemplate(key: string, text: string): Template {
  return prepared(`of ${key}`, text, () => freeText);
}

function prepared(name: string, text: string, writer: () => (value: unknown) => string): Template {
  const { engine, parsed } = parse(name, text, writer);
  return {
    name,
    asksResolver: text.includes("facts.hostname-resolves"),
    render: (model, facts) => {
      try {
        return String(engine.renderSync(parsed, { ...sorted(model), ...factData(facts) }));
      } catch (cause) {
        const facts = { template: name, reason: reason(cause), missing: missingVariable(cause) };
        throw failure("apply/not-rendered", facts);
      }
    },
  };
}

function parse(name: string, text: string, writer: () => (value: unknown) => string) {
  try {
    const engine = engineWith(writer());
    const parsed: LiquidTemplate[] = engine.parse(text);
    return { engine, parsed };
  } catch (cause) {
    throw failure("apply/template-invalid", { template: name, reason: reason(cause) });
  }
}

/** The value of `settings.network`, as two filters take it. */
type Network = { readonly hostname?: unknown; readonly hosts?: unknown };

function engineWith(write: (value: unknown) => string): Liquid {
  const engine = new Liquid({
    strictVariables: true,
    strictFilters: true,
    // A missing setting is false in a condition, and an error everywhere else.
    lenientIf: true,
    ownPropertyOnly: true,
    // In-memory and empty: {% include %} and {% render %} find nothing and cannot reach the disk.
    templates: {},
    outputEscape: write,
  });
  // It would switch the escaping off.
  delete engine.filters.raw;
  engine.registerFilter("own_lines", (network: Network) => ownLines(network.hosts));
  engine.registerFilter("loopback_aliases", (network: Network, version: unknown, resolves: unknown) => {
    if (version !== "ipv4" && version !== "ipv6") throw new Error(`${version} is neither "ipv4" nor "ipv6"`);
    const { hostname, hosts } = network;
    if (typeof hostname !== "string") throw new Error("settings.network.hostname is not set");
    return loopbackAliases(version, hostname, hosts, resolves === true);
  });
  return engine;
}

function factData(facts: Facts): Record<string, unknown> {
  return { facts: { "hostname-resolves": facts.hostnameResolves } };
}

/** Maps in byte order of their keys, whatever order the model came in (specification "rendered-config" 2). */
function sorted<T>(value: T): T;
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => sorted(item));
  if (typeof value !== "object" || value === null) return value;
  const byBytes = ([a]: [string, unknown], [b]: [string, unknown]) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b));
  return Object.fromEntries(
    Object.entries(value)
      .sort(byBytes)
      .map(([key, item]) => [key, sorted(item)]),
  );
}

/**
 * The first line of LiquidJS's message, which says what and where (the lines below it repeat the template), and
 * the insertion that was refused, because formats.ts does not know whose value it was given.
 */
function reason(cause: unknown): string {
  const text = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
  const refused = LiquidError.is(cause) && cause.originalError instanceof Unwritable;
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
