/** thar-be-settings: renders settings into files and restarts what uses them (specification "api" 11). */
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { type ApplyRequest, applySettings, parseChangedKeys, thisHost } from "../apply/index.ts";
import { failureText } from "../linux/failure.ts";
import { apiOf, type ProgramShape, runProgram, socketOption } from "./program.ts";

const shape: ProgramShape = {
  name: "thar-be-settings",
  about: "Renders configuration files and restarts services, for changed settings or for all.",
  options: [
    {
      name: "--all",
      about: "everything; without it the changed settings are read from stdin as a JSON array",
    },
    { name: "--daemon", about: "do the work in the background and return at once" },
    socketOption,
  ],
};

/** @returns 0; 1 if anything could not be done; 2 for a wrong command line */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(shape, args, async (given, say) => {
    const all = given.has("--all");
    if (given.has("--daemon")) {
      await startInBackground(args, all ? "" : await Bun.stdin.text());
      return 0;
    }
    const request: ApplyRequest = all
      ? { kind: "all" }
      : { kind: "keys", keys: parseChangedKeys(await Bun.stdin.text()) };
    const { socketPath, call } = apiOf(given);
    const { failures, warnings } = await applySettings(thisHost(socketPath, call, say), request);
    for (const warning of warnings) say.warn(`${failureText(warning)}; its file is left as it was`);
    for (const failure of failures) say.error(`${failureText(failure)}. ${failure.hint}`);
    return failures.length === 0 ? 0 : 1;
  });
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
