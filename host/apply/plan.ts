/**
 * Which services a change affects, which files those have, and which of them must be restarted.
 * Decides only: what is asked of the API, the disk and systemd is in apply.ts.
 */

import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { Failure } from "../linux/failure.ts";

export interface Service {
  readonly name: string;
  readonly configurationFiles: readonly string[];
  readonly restartCommands: readonly string[];
}

export interface ConfigurationFile {
  readonly name: string;
  readonly path: string;
  readonly templatePath: string;
}

/** A file as it should be. */
export interface RenderedFile {
  readonly name: string;
  readonly path: string;
  /** `undefined`: there should be no such file, because it needs a setting that was removed. */
  readonly text: string | undefined;
}

/** A file that could not be rendered. */
export interface UnrenderedFile {
  readonly name: string;
  readonly path: string;
  readonly failure: Failure;
  /** The first name on the way to the setting that the template needs and that is not set, if that is the reason. */
  readonly missing: string | undefined;
}

/** A service and its commands, to be run with these changed keys in their environment. */
export interface Restart {
  readonly service: Service;
  /** `undefined` means that everything may have changed. */
  readonly changedKeys: readonly string[] | undefined;
}

/** For each service the digest of its files when all its restart commands last succeeded. */
export type Applied = ReadonlyMap<string, string>;

/** For each affected service the changed keys that affect it, services and keys sorted. */
export function keysByService(
  affected: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  const byService = new Map<string, string[]>();
  for (const [key, services] of [...affected].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const service of new Set(services)) byService.set(service, [...(byService.get(service) ?? []), key]);
  }
  return new Map([...byService].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The names of all files that these services have, each once, sorted. */
export function filesOf(services: readonly Service[]): readonly string[] {
  return [...new Set(services.flatMap((service) => service.configurationFiles))].sort();
}

/**
 * The services to restart after specific keys changed: those with a file that was written or removed now, or that differs from
 * what the service was last restarted with, and those whose commands do more than restart a unit. The second matters
 * when another run has already written a file which two services share, and after a restart that failed; the third
 * because such commands read settings from the API and the changed keys from their environment, whatever the files say.
 */
export function neededRestarts(
  services: readonly Service[],
  keys: ReadonlyMap<string, readonly string[]>,
  rendered: readonly RenderedFile[],
  touchedPaths: ReadonlySet<string>,
  applied: Applied,
): readonly Restart[] {
  const files = new Map(rendered.map((file) => [file.name, file]));
  const isNeeded = (service: Service) =>
    !service.restartCommands.every((command) => unitOfTryRestart(command) !== undefined) ||
    service.configurationFiles.length === 0 ||
    service.configurationFiles.some((name) => touchedPaths.has(files.get(name)?.path ?? "")) ||
    applied.get(service.name) !== filesDigest(service, rendered);
  return inOrder(services.filter(isNeeded)).map((service) => ({
    service,
    changedKeys: keys.get(service.name) ?? [],
  }));
}

/** All mode: every service, and nothing is said about which keys changed. */
export function allRestarts(services: readonly Service[]): readonly Restart[] {
  return inOrder(services).map((service) => ({ service, changedKeys: undefined }));
}

/** Whether a restart is only a word: the service has no commands. */
export function runsNothing({ service }: Restart): boolean {
  return service.restartCommands.length === 0;
}

/** Whether unit files may have changed, so that systemd must read them again. */
export function needsDaemonReload(touchedPaths: ReadonlySet<string>): boolean {
  return [...touchedPaths].some((path) => path.startsWith("/etc/systemd/"));
}

/** Names the content of a service's files; a file that could not be rendered counts as absent. */
export function filesDigest(service: Service, rendered: readonly RenderedFile[]): string {
  const own = rendered
    .filter(({ name, text }) => text !== undefined && service.configurationFiles.includes(name))
    .map(({ name, path, text }) => [name, path, text])
    .sort();
  return createHash("sha256").update(JSON.stringify(own)).digest("hex");
}

/**
 * The words of a restart command: parted at every single space, two spaces make an empty word
 * (specification "api" 11.3).
 */
export function commandWords(command: string): readonly string[] {
  return command.split(" ");
}

/** The unit that a restart command restarts if it runs; `undefined` for every other command. */
export function unitOfTryRestart(command: string): string | undefined {
  return /^(?:\/(?:usr\/)?bin\/)?systemctl try-(?:reload-or-)?restart ([^ ]+\.service)$/.exec(command)?.[1];
}

/** Splits services by whether all their files are on the disk as they should be. */
export function byWritten(
  services: readonly Service[],
  rendered: readonly RenderedFile[],
  unwrittenPaths: ReadonlySet<string>,
): { readonly written: readonly Service[]; readonly unwritten: readonly Service[] } {
  const names = new Set(rendered.filter(({ path }) => unwrittenPaths.has(path)).map(({ name }) => name));
  const isUnwritten = (service: Service) => service.configurationFiles.some((name) => names.has(name));
  return {
    written: services.filter((service) => !isUnwritten(service)),
    unwritten: services.filter(isUnwritten),
  };
}

// The kernel refuses to start a program with an environment string of 128 KiB.
const longestChangedSettings = 100 * 1024;

/**
 * What a restart command is told of the change, in `CHANGED_SETTINGS`. Without the variable commands take
 * everything as changed, so that is what they are told when the list is too long for an environment.
 */
export function changedSettings(keys: readonly string[] | undefined): Readonly<Record<string, string>> {
  const list = keys?.join(" ");
  if (list === undefined || Buffer.byteLength(list) > longestChangedSettings) return {};
  return { CHANGED_SETTINGS: list };
}

/**
 * Services whose commands write state that others read (trust store, name servers, sysctls) come first, then those
 * whose commands restart units, then those whose commands start containers and clean up behind them; by name within
 * each. The reference's order is left to chance: with a new proxy, containers may be started first, and the restart of
 * their runtime then cuts the pull of their image off.
 */
function inOrder(services: readonly Service[]): readonly Service[] {
  return services.toSorted((a, b) => placeOf(a) - placeOf(b) || (a.name < b.name ? -1 : 1));
}

function placeOf({ restartCommands }: Service): number {
  const programs = restartCommands.map((command) => basename(commandWords(command)[0] ?? ""));
  if (programs.some((program) => usesRuntime.has(program))) return 2;
  return programs.includes("systemctl") ? 1 : 0;
}

/** Programs that need the runtime of containers to stay as it is while they work, and when they have. */
const usesRuntime: ReadonlySet<string> = new Set(["bootstrap-containers", "host-containers"]);
