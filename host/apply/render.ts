/**
 * From a request to the files as they should be: which services are affected, which files those have, and what is in
 * them. Applying and its preview both begin with this, so that they cannot come to different results.
 */

import type { ApplyHost, ApplyRequest } from "./apply.ts";
import { type FileRules, readTemplates, renderAll } from "./files.ts";
import { namesHost } from "./hosts.ts";
import { fetchAffected, fetchFiles, fetchServices } from "./model.ts";
import * as plan from "./plan.ts";
import { splitStale, unsetKeys } from "./stale.ts";
import type { Facts, Model, Template } from "./template.ts";

export interface Rendering {
  /** The affected services; without any there is nothing to render. */
  readonly services: readonly plan.Service[];
  /** The changed keys that affect each service; none in all mode. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  /** Files as they should be, also those that should be gone. */
  readonly files: readonly plan.RenderedFile[];
  readonly unrendered: readonly plan.UnrenderedFile[];
}

/**
 * Renders what a request asks for, and touches nothing.
 *
 * @param model  asked for once the templates are known to be right, and only if there is something to render
 * @throws  Failure if the API refuses, or a template is missing or invalid
 */
export async function renderRequest(
  host: Pick<ApplyHost, "call" | "resolves" | "cpuCount">,
  request: ApplyRequest,
  rules: FileRules,
  model: () => Promise<Model>,
): Promise<Rendering> {
  const { services, definitions, keys } = await affected(host, request);
  if (services.length === 0) return { services, keys, files: [], unrendered: [] };
  const templates = await readTemplates(definitions, rules);
  const data = await model();
  const facts = await gatherFacts(host, [...templates.values()], data);
  const { rendered, unrendered } = renderAll(templates, data, facts);
  if (request.kind === "all") return { services, keys, files: rendered, unrendered };
  const { stale, failed } = splitStale(unrendered, unsetKeys(request.keys, data.settings));
  const gone = stale.map(({ name, path }) => ({ name, path, text: undefined }));
  return { services, keys, files: [...rendered, ...gone], unrendered: failed };
}

async function affected({ call }: Pick<ApplyHost, "call">, request: ApplyRequest) {
  if (request.kind === "all") {
    const [services, definitions] = await Promise.all([fetchServices(call), fetchFiles(call)]);
    return { services, definitions, keys: new Map<string, readonly string[]>() };
  }
  const keys = plan.keysByService(await fetchAffected(call, request.keys));
  if (keys.size === 0) return { services: [], definitions: [], keys };
  const services = await fetchServices(call, [...keys.keys()]);
  return { services, definitions: await fetchFiles(call, plan.filesOf(services)), keys };
}

/** Finds out only what a template asks; above all the resolver may take its time. */
async function gatherFacts(
  host: Pick<ApplyHost, "resolves" | "cpuCount">,
  templates: readonly Template[],
  model: Model,
): Promise<Facts> {
  const asksResolver = templates.some((template) => template.asksResolver);
  const asksCpuCount = templates.some((template) => template.asksCpuCount);
  return {
    hostnameResolves: asksResolver && (await hostnameResolves(host, model)),
    cpuCount: asksCpuCount ? await host.cpuCount() : undefined,
  };
}

async function hostnameResolves(host: Pick<ApplyHost, "resolves">, model: Model): Promise<boolean> {
  const settings = model.settings as { network?: { hostname?: unknown; hosts?: unknown } } | undefined;
  const { hostname, hosts } = settings?.network ?? {};
  if (typeof hostname !== "string" || hostname === "") return false;
  return namesHost(hosts, hostname) || (await host.resolves(hostname));
}
