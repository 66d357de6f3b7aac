/**
 * Brings the host in line with its live settings: files written, services restarted (specification "api" 11).
 *
 * Terms: *all mode* renders everything and is lenient about a file that cannot be rendered; *specific-keys mode*
 * touches what the changed keys affect, and nothing at all if one of those files cannot be rendered.
 */

import type { Failure } from "../linux/failure.ts";
import { failureText } from "../linux/failure.ts";
import type { Log } from "../linux/log.ts";
import { readApplied, writeApplied } from "./applied.ts";
import { failure } from "./failures.ts";
import { readTemplates, renderAll, writeChanged } from "./files.ts";
import { namesHost } from "./hosts.ts";
import { withApplierLock } from "./lock.ts";
import { type CallApi, fetchAffected, fetchFiles, fetchModel, fetchServices } from "./model.ts";
import * as plan from "./plan.ts";
import type { Facts, Model, Template } from "./template.ts";

export type ApplyRequest =
  | { readonly kind: "all" }
  | { readonly kind: "keys"; readonly keys: readonly string[] };

/** What applying needs of the host. */
export interface ApplyHost {
  readonly call: CallApi;
  /** Where the lock and the record of restarts are: /run/pinwheel on a host. */
  readonly runtimeDirectory: string;
  /** Runs a restart command to its end; throws an Error that says why it failed. */
  readonly runCommand: (command: string, env: Readonly<Record<string, string>>) => Promise<void>;
  readonly daemonReload: () => Promise<void>;
  /** Whether the resolver finds a name, at addresses other than loopback. */
  readonly resolves: (name: string) => Promise<boolean>;
  /** Permission bits by the configuration file's name, of those that not everybody may read; the API has none. */
  readonly fileModes: () => Promise<ReadonlyMap<string, number>>;
  readonly log: Log;
}

export interface ApplyResult {
  /** What the run could not do. Everything else was done, unless it stopped before writing. */
  readonly failures: readonly Failure[];
  /** Files that all mode could not render and left as they were; for the caller to tell. */
  readonly warnings: readonly Failure[];
}

/**
 * Renders, writes and restarts, while no other process does.
 *
 * @throws  Failure if the API does not answer, or a template is missing or invalid; then nothing was written
 */
export function applySettings(host: ApplyHost, request: ApplyRequest): Promise<ApplyResult> {
  return withApplierLock(host.runtimeDirectory, () => applyAlone(host, request));
}

async function applyAlone(host: ApplyHost, request: ApplyRequest): Promise<ApplyResult> {
  const { services, files, keys } = await affected(host, request);
  if (services.length === 0) {
    host.log.info("no services are affected");
    return { failures: [], warnings: [] };
  }
  const templates = await readTemplates(files);
  const model = await fetchModel(host.call);
  const { rendered, failures } = renderAll(
    templates,
    model,
    await gatherFacts(host, [...templates.values()], model),
  );
  if (request.kind === "keys" && failures.length > 0) return { failures, warnings: [] };

  const written = await writeChanged(rendered, await host.fileModes());
  for (const path of written.writtenPaths) host.log.info(`wrote ${path}`);
  const applied = await readApplied(host.runtimeDirectory);
  const restarts =
    request.kind === "all"
      ? plan.allRestarts(services)
      : plan.neededRestarts(services, keys, rendered, written.writtenPaths, applied);
  const reloaded = request.kind === "keys" ? await reload(host, written.writtenPaths) : [];
  const restarted = await restartAll(host, restarts);

  // What was restarted with old unit files, or not restarted, is not remembered: the next change tries again.
  const isDone = ({ service }: plan.Restart) =>
    reloaded.length === 0 && !restarted.failedServices.has(service.name);
  await remember(host, rendered, restarts, isDone);
  return {
    failures: [...written.failures, ...reloaded, ...restarted.failures],
    warnings: failures,
  };
}

async function remember(
  host: ApplyHost,
  rendered: readonly plan.RenderedFile[],
  restarts: readonly plan.Restart[],
  isDone: (restart: plan.Restart) => boolean,
): Promise<void> {
  const applied = new Map(await readApplied(host.runtimeDirectory));
  for (const restart of restarts) {
    if (isDone(restart)) applied.set(restart.service.name, plan.filesDigest(restart.service, rendered));
    else applied.delete(restart.service.name);
  }
  try {
    await writeApplied(host.runtimeDirectory, applied);
  } catch (error) {
    host.log.warn(`services may be restarted again with the next change: ${failureText(error)}`);
  }
}

async function affected(host: ApplyHost, request: ApplyRequest) {
  if (request.kind === "all") {
    const [services, files] = await Promise.all([fetchServices(host.call), fetchFiles(host.call)]);
    return { services, files, keys: new Map<string, readonly string[]>() };
  }
  const keys = plan.keysByService(await fetchAffected(host.call, request.keys));
  if (keys.size === 0) return { services: [], files: [], keys };
  const services = await fetchServices(host.call, [...keys.keys()]);
  return { services, files: await fetchFiles(host.call, plan.filesOf(services)), keys };
}

/** Looks the hostname up only where a template asks, because the resolver may take its time. */
async function gatherFacts(host: ApplyHost, templates: readonly Template[], model: Model): Promise<Facts> {
  const settings = model.settings as { network?: { hostname?: unknown; hosts?: unknown } } | undefined;
  const { hostname, hosts } = settings?.network ?? {};
  const isNeeded = templates.some(({ asksResolver }) => asksResolver);
  if (!isNeeded || typeof hostname !== "string" || hostname === "") return { hostnameResolves: false };
  return { hostnameResolves: namesHost(hosts, hostname) || (await host.resolves(hostname)) };
}

async function reload(host: ApplyHost, writtenPaths: ReadonlySet<string>): Promise<readonly Failure[]> {
  if (!plan.needsDaemonReload(writtenPaths)) return [];
  try {
    await host.daemonReload();
    return [];
  } catch (cause) {
    // The services are restarted all the same: with old unit files they still read their new settings.
    return [failure("apply/reload", { reason: failureText(cause) })];
  }
}

async function restartAll(host: ApplyHost, restarts: readonly plan.Restart[]) {
  const failures: Failure[] = [];
  const failedServices = new Set<string>();
  for (const { service, changedKeys } of restarts) {
    const env = plan.changedSettings(changedKeys);
    for (const command of service.restartCommands) {
      try {
        host.log.debug(`${service.name}: ${command}`);
        await host.runCommand(command, env);
      } catch (thrown) {
        failedServices.add(service.name);
        const facts = { service: service.name, command, reason: failureText(thrown) };
        failures.push(failure("apply/restart", facts, { cause: thrown }));
      }
    }
  }
  return { failures, failedServices };
}
