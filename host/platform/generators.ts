/**
 * Generated settings: which generators run, what their results mean, and the proxy they are told of
 * (specification "api" 10). Decides only: generators-step.ts runs them.
 */

import {
  type Json,
  type Model,
  type Problem,
  parseJsonSource,
  parseKey,
  type SourceNode,
} from "../settings/index.ts";
import type { Fault } from "./fault.ts";

/** What a generator said. */
export type GeneratorOutput =
  /** JSON text: the value of the setting, or a table of settings below it. */
  | { readonly kind: "value"; readonly json: string }
  | { readonly kind: "unset"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string; readonly fault: Fault };

/** The answer of `GET /`, or nothing if no setting is live. */
export type LiveModel = { readonly settings?: unknown };

/** Whether a key, or one below it, has a live value; compared segment by segment. */
export function isPopulated(live: LiveModel, key: string): boolean {
  return valueAt(live, key) !== undefined;
}

function valueAt(live: LiveModel, key: string): unknown {
  const parsed = parseKey(key);
  if (!parsed.ok) return undefined;
  return parsed.key.segments.reduce<unknown>(
    (value, segment) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, segment)
        ? (value as Record<string, unknown>)[segment]
        : undefined,
    live,
  );
}

/** Proxy variables for generators; none if no proxy is set (specification "platform" 4.2). */
export function proxyEnvironment(live: LiveModel): Readonly<Record<string, string>> {
  const proxy = valueAt(live, "settings.network.https-proxy");
  if (typeof proxy !== "string") return {};
  const noProxy = valueAt(live, "settings.network.no-proxy");
  const exceptions = [
    "localhost",
    "127.0.0.1",
    ...(Array.isArray(noProxy) ? noProxy : []),
    hostOf(valueAt(live, "settings.kubernetes.api-server")),
    subdomainsOf(valueAt(live, "settings.kubernetes.cluster-domain")),
  ].filter((entry) => typeof entry === "string" && entry !== "");
  const joined = exceptions.join(",");
  return { https_proxy: proxy, HTTPS_PROXY: proxy, no_proxy: joined, NO_PROXY: joined };
}

/** The host in an address, which is all that programs compare; "" if there is none. */
function hostOf(address: unknown): string {
  if (typeof address !== "string") return "";
  const url = address.includes("://") ? URL.parse(address) : URL.parse(`http://${address}`);
  return url?.hostname.replace(/^\[|\]$/g, "") ?? "";
}

/** Programs take a domain without a leading dot for one host. */
function subdomainsOf(domain: unknown): string {
  return typeof domain === "string" && domain !== "" ? `.${domain.replace(/^\./, "")}` : "";
}

/** The words of a generator's command line: parted at white space, no quoting, no shell. */
export function generatorWords(command: string): readonly string[] {
  return command.split(/\s+/).filter((word) => word !== "");
}

/** What a generator's end means (specification "api" 10, step 6). */
export function outputOfProcess(exitCode: number | undefined, stdout: string, end: string): GeneratorOutput {
  if (exitCode === 2) return { kind: "unset", reason: "it has no value for this host" };
  if (exitCode !== 0) return { kind: "failed", reason: end, fault: "image" };
  const json = stdout.trim();
  // The reference stops the boot here; a generator with nothing to say has nothing to set.
  return json === "" ? { kind: "unset", reason: "it printed nothing" } : { kind: "value", json };
}

/** The leaves that a generator's value stands for, or everything that is wrong with it. */
export function leavesOfValue(
  key: string,
  json: string,
  model: Pick<Model, "checkSettings">,
): { ok: true; leaves: ReadonlyMap<string, Json> } | { ok: false; problems: readonly Problem[] } {
  const parsed = parseJsonSource(json);
  if (!parsed.ok)
    return { ok: false, problems: parsed.problems.map(({ at: _, ...problem }) => ({ ...problem, key })) };
  const path = parseKey(key);
  if (!path.ok)
    return { ok: false, problems: [{ key, problem: path.reason, accepted: "the key of a setting" }] };
  const checked = model.checkSettings(nested(path.key.segments.slice(1), parsed.node));
  if (checked.ok) return checked;
  // Positions within the generator's output would be taken for positions in a file.
  return { ok: false, problems: checked.problems.map(({ at: _, ...problem }) => problem) };
}

/** The value in tables, one inside the other, as the path says. */
function nested(path: readonly string[], node: SourceNode): SourceNode {
  return path.reduceRight<SourceNode>((value, name) => ({ kind: "table", entries: [{ name, value }] }), node);
}
