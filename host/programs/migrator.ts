/** migrator: brings the settings to the version that starts, before anything reads them (specification "updates" 11.3). */
import { isAbsolute } from "node:path";
import { parseOsRelease, releaseFile } from "../api/index.ts";
import { Failure, failureText } from "../linux/failure.ts";
import type { Log } from "../linux/log.ts";
import { buildModel } from "../settings/index.ts";
import { type FoundStore, findStore, moveStore, returnToKept } from "../store/migrations/index.ts";
import { compareVersions, parseManifest, parseVersion, type Version } from "../update/index.ts";
import { directionOf, type MigratingHost, readMigrations, templatesFor, thisHost } from "./migrations.ts";
import { type Given, type ProgramShape, runProgram } from "./program.ts";

const FROM_RELEASE = "--migrate-to-version-from-os-release";

const shape: ProgramShape = {
  name: "migrator",
  about: `Brings the data store to a version, forward or backward, with the migrations that the last update has left. Does
nothing if there is no data store, or if it is for this version already.`,
  options: [
    { name: "--datastore-path", value: "PATH", about: "the link to the store, …/current; required" },
    { name: "--migration-directory", value: "PATH", about: "where the migrations are; required" },
    { name: "--root-path", value: "FILE", about: "the root role that this image trusts; required" },
    { name: "--metadata-directory", value: "PATH", about: "where the repository's metadata is; required" },
    { name: "--migrate-to-version", value: "X.Y.Z", about: "the version, or instead of it:" },
    { name: FROM_RELEASE, about: `the version is VERSION_ID of ${releaseFile}` },
  ],
};

/** @returns 0; 1 if the store could not be brought to the version, and is as it was; 2 for a wrong command line */
export function main(args: readonly string[], host: MigratingHost = thisHost): Promise<number> {
  return runProgram(shape, args, async (given, say) => {
    const places = placesOf(given);
    if (typeof places === "string") return given.wrong(places);
    const to = await wantedVersion(given, host);
    if (typeof to === "string") return given.wrong(to);

    const store = await findStore(places.datastore);
    if (store === undefined) {
      process.stderr.write(`There is no data store at ${places.datastore} yet: nothing to migrate\n`);
      return 0;
    }
    const from = parseVersion(store.version);
    if (from === undefined) throw new Error(`The data store is for ${store.version}, which is no version`);
    if (from.numbers.every((number, at) => number === to.numbers[at])) {
      say.info(`The data store is for ${to.text} already`);
      return 0;
    }
    return migrate({ places, store, from, to, host }, say);
  });
}

interface Places {
  readonly datastore: string;
  readonly migrations: string;
  readonly root: string;
  readonly metadata: string;
}

/** The paths of the command line, or what is wrong with them. */
function placesOf(given: Given): Places | string {
  const names = ["--datastore-path", "--migration-directory", "--root-path", "--metadata-directory"] as const;
  const [datastore = "", migrations = "", root = "", metadata = ""] = names.map(
    (name) => given.value(name) ?? "",
  );
  const problems = names.flatMap((name) => {
    const path = given.value(name);
    if (path === undefined) return [`option ${name} is required`];
    return isAbsolute(path) ? [] : [`${name} is ${JSON.stringify(path)}; accepted: an absolute path`];
  });
  return problems[0] ?? { datastore, migrations, root, metadata };
}

/** The version to migrate to, or what is wrong with it. */
async function wantedVersion(given: Given, host: MigratingHost): Promise<Version | string> {
  const text = given.value("--migrate-to-version");
  if ((text === undefined) !== given.has(FROM_RELEASE)) {
    return `give one of --migrate-to-version and ${FROM_RELEASE}`;
  }
  if (text !== undefined) {
    const version = parseVersion(text.replace(/^v/, ""));
    return version ?? `--migrate-to-version is ${JSON.stringify(text)}; accepted: a version such as 1.11.1`;
  }
  const release = await host.readRelease();
  if (release === undefined) return `there is no ${releaseFile}; give --migrate-to-version X.Y.Z`;
  const os = parseOsRelease(release, process.arch);
  if (typeof os === "string") return `${releaseFile} cannot be used: ${os}`;
  return (
    parseVersion(os.version_id) ?? `VERSION_ID of ${releaseFile} is ${os.version_id}, which is no version`
  );
}

interface Task {
  readonly places: Places;
  readonly store: FoundStore;
  readonly from: Version;
  readonly to: Version;
  readonly host: MigratingHost;
}

async function migrate(task: Task, say: Log): Promise<number> {
  const { from, to } = task;
  try {
    await move(task, say);
    return 0;
  } catch (error) {
    // Forward, the host falls back to the version before, which has its settings as they were.
    if (compareVersions(from, to) < 0) throw error;
    const hint = error instanceof Failure ? `. ${error.hint}` : "";
    say.error(
      `The settings of ${from.text} cannot be brought back to ${to.text}: ${failureText(error)}${hint}`,
    );
    return returnTo(task, say);
  }
}

async function move({ places, store, from, to, host }: Task, say: Log): Promise<void> {
  // The library that verifies the repository takes time to load, and most starts need nothing of it.
  const { openCachedRepository } = await import("../update/repository/index.ts");
  const source = await openCachedRepository(places.root, {
    metadata: places.metadata,
    targets: places.migrations,
  });
  const name = "manifest.json";
  const manifest = parseManifest(name, new TextDecoder().decode(await source.read(name)));
  const migrations = await readMigrations(source, manifest, from, to);
  const direction = directionOf(from, to);
  say.info(
    `Migrating the data store ${direction} from ${from.text} to ${to.text}: ${migrations.length} migrations`,
  );
  const render = await templatesFor(migrations, host);
  const model = buildModel(await host.variant());
  for (const migration of migrations) say.debug(`${migration.name}: ${migration.steps.length} steps`);
  const move = { from: store, to: to.text, direction, migrations, render, model };
  const { directory, changed, refused, leftOver } = await moveStore(move);
  for (const problem of refused)
    say.error(`Not taken by ${to.text}, and kept only in ${store.directory}: ${problem}`);
  for (const problem of leftOver) say.warn(problem);
  say.info(`The data store is ${directory}; changed: ${changed.join(", ") || "nothing"}`);
}

/** An older version that starts has nothing behind it to fall back to: old settings are better than none. */
async function returnTo({ store, to }: Task, say: Log): Promise<number> {
  const kept = await returnToKept({ from: store, to: to.text });
  if (kept === undefined) return 1;
  for (const problem of kept.leftOver) say.warn(problem);
  say.error(
    `So the settings are those that ${to.text} had when it was left. The later ones stay in ${store.directory}`,
  );
  return 0;
}
