/**
 * Brings the host in line with its live settings: files written, services restarted (specification "api" 11).
 * Nothing else may do the same at the same time; turn.ts sees to that.
 *
 * Terms: *all mode* renders everything and is lenient about a file that cannot be rendered; *specific-keys mode*
 * touches what the changed keys affect, and nothing at all if one of those files cannot be rendered.
 */

import type { Failure } from "../linux/failure.ts";
import { failureText } from "../linux/failure.ts";
import type { Log } from "../linux/log.ts";
import { readApplied, writeApplied } from "./applied.ts";
import { failure } from "./failures.ts";
import { type FileRules, readTemplates, renderAll, writeChanged } from "./files.ts";
import { namesHost } from "./hosts.ts";
import { type CallApi, fetchAffected, fetchFiles, fetchModel, fetchServices } from "./model.ts";
import * as plan from "./plan.ts";
import type { Facts, Model, Template } from "./template.ts";

export type ApplyRequest =
  | { readonly kind: "all" }
  | { readonly kind: "keys"; readonly keys: readonly string[] };

/** What applying needs of the host. */
export interface ApplyHost {
  readonly call: CallApi;
  /** Where locks, reports and the record of restarts are: /run/pinwheel on a host. */
  readonly runtimeDirectory: string;
  /** Runs a restart command to its end; throws an Error that says why it failed. */
  readonly runCommand: (command: string, env: Readonly<Record<string, string>>) => Promise<void>;
  readonly daemonReload: () => Promise<void>;
  /** Whether the resolver finds a name, at addresses other than loopback. */
  readonly resolves: (name: string) => Promise<boolean>;
  /** How many CPUs this host may use. */
  readonly cpuCount: () => Promise<number>;
  /** How each configuration file is written, by its name: what the API does not show of it. */
  readonly fileRules: () => Promise<FileRules>;
  readonly log: Log;
}

/** A service whose restart commands were run. */
export interface RestartedService {
  readonly name: string;
  readonly outcome: "done" | "failed";
  readonly durationMs: number;
}

export interface ApplyResult {
  /** What the run could not do. Everything else was done, unless it stopped before writing. */
  readonly failures: readonly Failure[];
  /** Files that all mode could not render and left as they were; for the caller to tell. */
  readonly warnings: readonly Failure[];
  /** True if a failure kept the run from writing and restarting anything. */
  readonly stopped: boolean;
  readonly writtenPaths: readonly string[];
  readonly restarts: readonly RestartedService[];
}

/** The result of a run that did nothing, because of these failures if there are any. */
export function nothingDone(failures: readonly Failure[] = []): ApplyResult {
  return { failures, warnings: [], stopped: failures.length > 0, writtenPaths: [], restarts: [] };
}

/**
 * Renders, writes and restarts.
 *
 * @throws  Failure if the API refuses, or a template is missing or invalid; then nothing was written
 */
export async function applyRequest(host: ApplyHost, request: ApplyRequest): Promise<ApplyResult> {
  const { services, files, keys } = await affected(host, request);
  if (services.length === 0) {
    host.log.info("no services are affected");
    return nothingDone();
  }
  const rules = await host.fileRules();
  const templates = await readTemplates(files, rules);
  const model = await fetchModel(host.call);
  const { rendered, failures } = renderAll(
    templates,
    model,
    await gatherFacts(host, [...templates.values()], model),
  );
  if (request.kind === "keys" && failures.length > 0) return nothingDone(failures);

  const disk = await writeChanged(rendered, rules);
  for (const path of disk.writtenPaths) host.log.info(`wrote ${path}`);
  // With a file that is not as it should be, a restart would bring nothing, and counting it as done would hide that.
  const { written, unwritten } = plan.byWritten(services, rendered, disk.unwrittenPaths);
  const restarts =
    request.kind === "all"
      ? plan.allRestarts(written)
      : plan.neededRestarts(
          written,
          keys,
          rendered,
          disk.writtenPaths,
          await readApplied(host.runtimeDirectory),
        );
  const reloaded = request.kind === "keys" ? await reload(host, disk.writtenPaths) : [];
  const touched = [...restarts.map(({ service }) => service), ...unwritten];
  // Before, too: if this process is killed in the middle, nobody knows what these services were restarted with.
  await remember(host, rendered, touched, new Set());
  const restarted = await restartAll(host, restarts);

  // What was restarted with old unit files, or not restarted, is not remembered: the next change tries again.
  const done = new Set(
    reloaded.length > 0 ? [] : restarted.services.filter(({ outcome }) => outcome === "done").map(nameOf),
  );
  await remember(host, rendered, touched, done);
  return {
    failures: [...disk.failures, ...reloaded, ...restarted.failures],
    warnings: failures,
    stopped: false,
    writtenPaths: [...disk.writtenPaths],
    restarts: restarted.services,
  };
}

const nameOf = ({ name }: { readonly name: string }): string => name;

/** Records what the services that are done were restarted with, and that nothing is known of the others. */
async function remember(
  host: ApplyHost,
  rendered: readonly plan.RenderedFile[],
  services: readonly plan.Service[],
  done: ReadonlySet<string>,
): Promise<void> {
  const applied = new Map(await readApplied(host.runtimeDirectory));
  for (const service of services) {
    if (done.has(service.name)) applied.set(service.name, plan.filesDigest(service, rendered));
    else applied.delete(service.name);
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

/** Finds out only what a template asks; above all the resolver may take its time. */
async function gatherFacts(host: ApplyHost, templates: readonly Template[], model: Model): Promise<Facts> {
  const asksResolver = templates.some((template) => template.asksResolver);
  const asksCpuCount = templates.some((template) => template.asksCpuCount);
  return {
    hostnameResolves: asksResolver && (await hostnameResolves(host, model)),
    cpuCount: asksCpuCount ? await host.cpuCount() : undefined,
  };
}

async function hostnameResolves(host: ApplyHost, model: Model): Promise<boolean> {
  const settings = model.settings as { network?: { hostname?: unknown; hosts?: unknown } } | undefined;
  const { hostname, hosts } = settings?.network ?? {};
  if (typeof hostname !== "string" || hostname === "") return false;
  return namesHost(hosts, hostname) || (await host.resolves(hostname));
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
  const services: RestartedService[] = [];
  for (const { service, changedKeys } of restarts) {
    const env = plan.changedSettings(changedKeys);
    const startMs = performance.now();
    const before = failures.length;
    for (const command of service.restartCommands) {
      try {
        host.log.debug(`${service.name}: ${command}`);
        await host.runCommand(command, env);
      } catch (thrown) {
        const facts = { service: service.name, command, reason: failureText(thrown) };
        failures.push(failure("apply/restart", facts, { cause: thrown }));
      }
    }
    services.push({
      name: service.name,
      outcome: failures.length === before ? "done" : "failed",
      durationMs: Math.round(performance.now() - startMs),
    });
  }
  return { failures, services };
}
