/** thar-be-settings: renders settings into files and restarts what uses them (specification "api" 11). */
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { callApi } from "../api/index.ts";
import { type ApplyRequest, applySettings, parseChangedKeys, thisHost } from "../apply/index.ts";
import { Failure, failureText } from "../linux/failure.ts";
import { log } from "../linux/log.ts";
import { readOptions, wrongUsage } from "../platform/program-options.ts";

const USAGE = `Renders configuration files and restarts services, for changed settings or for all.

Usage: thar-be-settings [OPTIONS]

  --all                  everything; without it the changed settings are read from stdin as a JSON array
  --daemon               do the work in the background and return at once
  --socket-path PATH     the API's socket (default /run/api.sock)
  --log-level LEVEL      off, error, warn, info, debug or trace (default info)
`;

/** @returns 0; 1 if anything could not be done; 2 for a wrong command line */
export async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args, { flags: ["--all", "--daemon"] });
  if ("problem" in options) return wrongUsage("thar-be-settings", options.problem, USAGE);
  const { socketPath, logLevel, flags } = options;
  const say = log("thar-be-settings", logLevel);
  try {
    if (flags.has("--daemon")) {
      await startInBackground(args, flags.has("--all") ? "" : await Bun.stdin.text());
      return 0;
    }
    const request: ApplyRequest = flags.has("--all")
      ? { kind: "all" }
      : { kind: "keys", keys: parseChangedKeys(await Bun.stdin.text()) };
    const call = (method: string, uri: string, body?: string) => callApi(socketPath, method, uri, body);
    const { failures, warnings } = await applySettings(thisHost(socketPath, call, say), request);
    for (const warning of warnings) say.warn(`${failureText(warning)}; its file is left as it was`);
    for (const failure of failures) say.error(`${failureText(failure)}. ${failure.hint}`);
    return failures.length === 0 ? 0 : 1;
  } catch (error) {
    say.error(failureText(error) + (error instanceof Failure ? `. ${error.hint}` : ""));
    return 1;
  }
}

/**
 * Starts this program once more, without --daemon. A process of this runtime has threads and cannot fork; the
 * new one keeps our output, and the keys are ours to pass on, since we have read them.
 */
function startInBackground(args: readonly string[], keys: string): Promise<void> {
  const program = join(dirname(process.execPath), "thar-be-settings");
  const rest = args.filter((arg) => arg !== "--daemon");
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn(program, rest, { stdio: ["pipe", "inherit", "inherit"], detached: true });
  child.on("error", (cause) => reject(new Error(`cannot start ${program}`, { cause })));
  child.stdin.on("error", (cause) =>
    reject(new Error(`${program} ended before it had read the keys`, { cause })),
  );
  child.stdin.end(keys, () => {
    child.unref();
    resolve();
  });
  return promise;
}
