/** thar-be-settings: renders settings into files and restarts what uses them (specification "api" 11). */
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { notedVariable } from "../api/index.ts";
import {
  type ApplyHost,
  type ApplyRequest,
  type ApplyResult,
  applySettings,
  applyToDo,
  noteToDo,
  parseChangedKeys,
  parsePreviewInput,
  thisHost,
} from "../apply/index.ts";
import { failureText } from "../linux/failure.ts";
import type { Log } from "../linux/log.ts";
import { apiOf, type ProgramShape, runProgram, socketOption } from "./program.ts";

const shape: ProgramShape = {
  name: "thar-be-settings",
  about: "Renders configuration files and restarts services, for changed settings or for all.",
  options: [
    {
      name: "--all",
      about: "everything; without it the changed settings are read from stdin as a JSON array",
    },
    {
      name: "--to-do",
      about: "what is on the to-do list of earlier runs, if nobody waits to do that already",
    },
    {
      name: "--preview",
      about: 'print what {"keys": […], "model": {…}} on stdin would change, as JSON, and change nothing',
    },
    {
      name: "--daemon",
      about: "put it on the to-do list, start doing that in the background, return at once",
    },
    socketOption,
  ],
};

/** @returns 0; 1 if anything could not be done; 2 for a wrong command line */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(shape, args, async (given, say) => {
    const { socketPath, call } = apiOf(given);
    const host = thisHost(socketPath, call, say);
    if (given.has("--preview")) return preview(host);
    if (given.has("--to-do")) {
      if (given.has("--daemon")) await startInBackground(args);
      return given.has("--daemon") ? 0 : outcome(await applyToDo(host), say);
    }
    const request: ApplyRequest = given.has("--all")
      ? { kind: "all" }
      : { kind: "keys", keys: parseChangedKeys(await Bun.stdin.text()) };
    if (!given.has("--daemon")) return outcome([await applySettings(host, request)], say);
    if (process.env[notedVariable] === undefined) await noteToDo(host.runtimeDirectory, request);
    await startInBackground(args);
    return 0;
  });
}

async function preview(host: ApplyHost): Promise<number> {
  const { keys, model } = parsePreviewInput(await Bun.stdin.text());
  // Not at the start: no other run of this program compares texts.
  const { previewKeys } = await import("../apply/preview.ts");
  process.stdout.write(JSON.stringify(await previewKeys(host, keys, model)));
  return 0;
}

function outcome(results: readonly ApplyResult[], say: Log): number {
  for (const { failures, warnings } of results) {
    for (const warning of warnings) say.warn(`${failureText(warning)}; its file is left as it was`);
    for (const failure of failures) say.error(`${failureText(failure)}. ${failure.hint}`);
  }
  return results.every(({ failures }) => failures.length === 0) ? 0 : 1;
}

/**
 * Starts this program once more, for what is on the to-do list. A process of this runtime has threads and cannot
 * fork; the new one keeps our output.
 */
function startInBackground(args: readonly string[]): Promise<void> {
  const program = join(dirname(process.execPath), "thar-be-settings");
  const rest = args.filter((arg) => !["--daemon", "--all", "--to-do"].includes(arg));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const env = { ...process.env };
  delete env[notedVariable];
  const child = spawn(program, [...rest, "--to-do"], {
    env,
    stdio: ["ignore", "inherit", "inherit"],
    detached: true,
  });
  child.on("error", (cause) => reject(new Error(`cannot start ${program}`, { cause })));
  child.on("spawn", () => {
    child.unref();
    resolve();
  });
  return promise;
}
