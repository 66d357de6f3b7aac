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
import { type FileRules, writeChanged } from "./files.ts";
import { type CallApi, fetchModel } from "./model.ts";
import * as plan from "./plan.ts";
import { renderRequest } from "./render.ts";

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
  /** Files that need a setting which was removed. */
  readonly removedPaths: readonly string[];
  readonly restarts: readonly RestartedService[];
}

/** The result of a run that did nothing, because of these failures if there are any. */
export function nothingDone(failures: readonly Failure[] = []): ApplyResult {
  const stopped = failures.length > 0;
  return { failures, warnings: [], stopped, writtenPaths: [], removedPaths: [], restarts: [] };
}

/**
 * Renders, writes and restarts.
 *
 * @throws  Failure if the API refuses, or a template is missing or invalid; then nothing was written
 */
export async function applyRequest(host: ApplyHost, request: ApplyRequest): Promise<ApplyResult> {
  const rules = await host.fileRules();
  const rendering = await renderRequest(host, request, rules, () => fetchModel(host.call));
  const { services, keys, files } = rendering;
  if (services.length === 0) {
    host.log.info("no services are affected");
    return nothingDone();
  }
  const failures = rendering.unrendered.map(({ failure }) => failure);
  if (request.kind === "keys" && failures.length > 0) return nothingDone(failures);

  const disk = await writeChanged(files, rules);
  for (const path of disk.writtenPaths) host.log.info(`wrote ${path}`);
  for (const path of disk.removedPaths) host.log.info(`removed ${path}, as a setting that it needs is gone`);
  const touchedPaths = disk.writtenPaths.union(disk.removedPaths);
  // With a file that is not as it should be, a restart would bring nothing, and counting it as done would hide that.
  const { written, unwritten } = plan.byWritten(services, files, disk.unwrittenPaths);
  const restarts =
    request.kind === "all"
      ? plan.allRestarts(written)
      : plan.neededRestarts(written, keys, files, touchedPaths, await readApplied(host.runtimeDirectory));
  const reloaded = request.kind === "keys" ? await reload(host, touchedPaths) : [];
  const touched = [...restarts.map(({ service }) => service), ...unwritten];
  // Before, too: if this process is killed in the middle, nobody knows what these services were restarted with.
  await remember(host, files, touched, new Set());
  const restarted = await restartAll(host, restarts);
  // Some services have files that are read whenever they are needed, and nothing to run.
  const idle = new Set(restarts.filter(plan.runsNothing).map(({ service }) => service.name));

  // What was restarted with old unit files, or not restarted, is not remembered: the next change tries again.
  const done = new Set(
    reloaded.length > 0 ? [] : restarted.services.filter(({ outcome }) => outcome === "done").map(nameOf),
  );
  await remember(host, files, touched, done);
  return {
    failures: [...disk.failures, ...reloaded, ...restarted.failures],
    warnings: failures,
    stopped: false,
    writtenPaths: [...disk.writtenPaths],
    removedPaths: [...disk.removedPaths],
    restarts: restarted.services.filter(({ name }) => !idle.has(name)),
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

async function reload(host: ApplyHost, touchedPaths: ReadonlySet<string>): Promise<readonly Failure[]> {
  if (!plan.needsDaemonReload(touchedPaths)) return [];
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
