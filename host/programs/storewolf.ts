/** storewolf: makes the store ready for this boot (specification "api" 9.1). */
import { isAbsolute } from "node:path";
import { lastValue, parseOsRelease, scanArguments } from "../api/index.ts";
import { failureText } from "../linux/failure.ts";
import { readTextIfExists } from "../linux/files.ts";
import { type Log, type LogLevel, log, parseLogLevel } from "../linux/log.ts";
import { buildModel, loadInstalledVariant, type Variant } from "../settings/index.ts";
import { launchTransaction, prepareStore } from "../store/index.ts";

const RELEASE_FILE = "/usr/lib/os-release";

const USAGE = `Creates the data store if there is none, ends the transactions of earlier boots, and stages the default
settings that have no value.

Usage: storewolf --data-store-base-path PATH [OPTIONS]

  --data-store-base-path PATH  where the stores are (on a host: /var/lib/bottlerocket/datastore); required
  --version X.Y.Z              version of a new store (default: VERSION_ID of ${RELEASE_FILE})
  --log-level LEVEL            off, error, warn, info, debug or trace (default info)
  --help                       this text
`;

interface Options {
  readonly base: string;
  readonly version: string | undefined;
  readonly logLevel: LogLevel;
}

/** @returns 0; 1 if the store could not be made ready; 2 for a wrong command line */
export async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === "help") {
    process.stdout.write(USAGE);
    return 0;
  }
  if ("problem" in options) {
    process.stderr.write(`storewolf: ${options.problem}\n\n${USAGE}`);
    return 2;
  }
  const say = log("storewolf", options.logLevel);
  try {
    const variant = await loadInstalledVariant();
    const version = options.version ?? (await releasedVersion(variant));
    await prepare(options.base, version, variant, say);
    return 0;
  } catch (thrown) {
    say.error(failureText(thrown));
    return 1;
  }
}

async function prepare(base: string, version: string, variant: Variant, say: Log): Promise<void> {
  const { directory, created, staged } = await prepareStore(base, version, buildModel(variant));
  say.info(`${created ? "Created" : "Found"} the data store ${directory}`);
  say.info(`Staged ${staged.length} default settings in transaction ${launchTransaction}`);
  for (const key of staged) say.debug(`Staged the default of ${key}`);
}

/** The version of the OS that is running, without pre-release and build parts, which the links do not have. */
async function releasedVersion(variant: Variant): Promise<string> {
  const text = await readTextIfExists(RELEASE_FILE);
  if (text === undefined) throw new Error(`There is no ${RELEASE_FILE}; give --version X.Y.Z`);
  const release = parseOsRelease(text, variant.arch);
  if (typeof release === "string") throw new Error(`${RELEASE_FILE} cannot be used: ${release}`);
  return release.version_id.replace(/[-+].*$/, "");
}

function readOptions(args: readonly string[]): Options | "help" | { readonly problem: string } {
  const scanned = scanArguments(args, [
    { names: ["--data-store-base-path"], takesValue: true },
    { names: ["--version"], takesValue: true },
    { names: ["--log-level"], takesValue: true },
    { names: ["--help", "-h"], takesValue: false },
  ]);
  if ("problem" in scanned) return scanned;
  if (scanned.options.has("--help")) return "help";
  const [word] = scanned.words;
  if (word !== undefined) return { problem: `unknown argument ${JSON.stringify(word)}` };
  const base = lastValue(scanned, "--data-store-base-path");
  if (base === undefined) return { problem: "option --data-store-base-path is required" };
  if (!isAbsolute(base)) return { problem: `--data-store-base-path is ${base}; accepted: an absolute path` };
  const version = lastValue(scanned, "--version");
  if (version !== undefined && !/^\d+\.\d+\.\d+$/.test(version)) {
    return { problem: `--version is ${JSON.stringify(version)}; accepted: three numbers such as 1.11.1` };
  }
  const level = lastValue(scanned, "--log-level") ?? "info";
  const logLevel = parseLogLevel(level);
  if (logLevel === undefined) {
    return {
      problem: `--log-level is ${JSON.stringify(level)}; accepted: off, error, warn, info, debug, trace`,
    };
  }
  return { base, version, logLevel };
}
