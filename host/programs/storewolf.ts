/** storewolf: makes the store ready for this boot (specification "api" 9.1). */
import { isAbsolute } from "node:path";
import { parseOsRelease, releaseFile } from "../api/index.ts";
import { bootClock } from "../linux/boot-clock.ts";
import { failureText } from "../linux/failure.ts";
import { readTextIfExists } from "../linux/files.ts";
import type { Log } from "../linux/log.ts";
import { buildModel, loadInstalledVariant, type Variant } from "../settings/index.ts";
import { launchTransaction, prepareStore } from "../store/index.ts";
import { type ProgramShape, runProgram } from "./program.ts";

const shape: ProgramShape = {
  name: "storewolf",
  about: `Creates the data store if there is none, ends the transactions of earlier boots, and stages the default
settings that have no value.`,
  options: [
    {
      name: "--data-store-base-path",
      value: "PATH",
      about: "where the stores are (on a host: /var/lib/bottlerocket/datastore); required",
    },
    {
      name: "--version",
      value: "X.Y.Z",
      about: `version of a new store (default: VERSION_ID of ${releaseFile})`,
    },
  ],
};

/** @returns 0, also if only new defaults could not be staged; 1 if there is no usable store; 2 for a wrong command line */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(shape, args, async (given, say) => {
    const base = given.value("--data-store-base-path");
    if (base === undefined) return given.wrong("option --data-store-base-path is required");
    if (!isAbsolute(base)) {
      return given.wrong(`--data-store-base-path is ${base}; accepted: an absolute path`);
    }
    const version = given.value("--version");
    if (version !== undefined && !/^\d+\.\d+\.\d+$/.test(version)) {
      return given.wrong(`--version is ${JSON.stringify(version)}; accepted: three numbers such as 1.11.1`);
    }
    const variant = await loadInstalledVariant();
    await prepare(base, version ?? (await releasedVersion(variant)), variant, say);
    return 0;
  });
}

async function prepare(base: string, version: string, variant: Variant, say: Log): Promise<void> {
  const { bootId } = bootClock();
  const prepared = await prepareStore(base, version, buildModel(variant), undefined, bootId);
  const { directory, created, putBack, staged, notStaged } = prepared;
  say.info(`${created ? "Created" : "Found"} the data store ${directory}`);
  if (putBack.length > 0) {
    say.warn(`Put back settings on trial that nobody has confirmed after two starts: ${putBack.join(", ")}`);
  }
  // Not the end: with its settings as they are the host comes up, and somebody can look at what is wrong.
  if (notStaged !== undefined)
    return say.error(`No defaults are staged: ${failureText(notStaged)}. ${notStaged.hint}`);
  say.info(`Staged ${staged.length} default settings in transaction ${launchTransaction}`);
  for (const key of staged) say.debug(`Staged the default of ${key}`);
}

/** The version of the OS that is running, without pre-release and build parts, which the links do not have. */
async function releasedVersion(variant: Variant): Promise<string> {
  const text = await readTextIfExists(releaseFile);
  if (text === undefined) throw new Error(`There is no ${releaseFile}; give --version X.Y.Z`);
  const release = parseOsRelease(text, variant.arch);
  if (typeof release === "string") throw new Error(`${releaseFile} cannot be used: ${release}`);
  return release.version_id.replace(/[-+].*$/, "");
}
