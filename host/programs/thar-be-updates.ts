/** thar-be-updates: the update dispatcher (specification "updates" 8.1). */
import { requestVariable } from "../api/index.ts";
import { failureText } from "../linux/failure.ts";
import type { Log } from "../linux/log.ts";
// Not by the index, which loads every group of settings.
import { isTable, type Json } from "../settings/source.ts";
import {
  answerLine,
  commandNames,
  dispatch,
  type Image,
  type UpdateRequest,
  updateExitCodes,
  work,
  workVariable,
} from "../update/dispatcher/index.ts";
import { apiOf, type Given, type ProgramShape, runProgram, socketOption } from "./program.ts";
import { runningRelease } from "./this-boot.ts";

const shape: ProgramShape = {
  name: "thar-be-updates",
  about: "Starts a command of an update in the background; how it ends is in the update status of the API.",
  commands: {
    refresh: "look which updates there are, and choose one",
    prepare: "write the chosen update to the inactive set",
    activate: "have the next boot start what was written",
    deactivate: "have the next boot start what runs now",
  },
  options: [
    { name: "--retry", about: "prepare also a version that did not come up well on this host before" },
    socketOption,
  ],
};

/** @returns 0 once the command has begun; 64 to 67 why it does not; 1 for any other failure; 2 for a wrong command line */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(shape, args, async (given, say) => {
    const named = args.filter((arg) => commandNames.some((name) => name === arg));
    const command = commandNames.find((name) => name === given.command);
    // Of other programs of its kind the last command counts; the reference's dispatcher takes no second one (8.1).
    if (command === undefined || named.length > 1) return given.wrong("one command is needed");
    const retry = given.has("--retry");
    if (retry && command !== "prepare") return given.wrong("--retry goes with prepare alone");
    const workId = process.env[workVariable];
    if (workId !== undefined) return doWork({ id: workId, command, retry }, given, say);

    const id = process.env[requestVariable] ?? "";
    const refusal = await dispatch(
      { id: /^[0-9A-Za-z-]{1,64}$/.test(id) ? id : crypto.randomUUID(), command, retry },
      args,
    );
    if (refusal === undefined) return 0;
    say.error(refusal.says);
    return refusal.exitCode;
  });
}

/** In the process that has the lock. Its stdout is for the answer alone. */
async function doWork(request: UpdateRequest, given: Given, say: Log): Promise<number> {
  let isAnswered = false;
  const answer: Parameters<typeof work>[2] = (refusal) => {
    if (!isAnswered) process.stdout.write(answerLine(refusal));
    isAnswered = true;
  };
  try {
    const running = await runningImage();
    const place = { root: "/" };
    const result = await work(request, { place, running, versionLock: () => versionLock(given) }, answer);
    if (result?.cmd_status === "Failed") say.error(`${request.command} failed: ${result.stderr?.trim()}`);
    return 0;
  } catch (error) {
    answer({ exitCode: updateExitCodes.failed, says: failureText(error) });
    throw error;
  }
}

async function runningImage(): Promise<Image> {
  const { arch, version_id: version, variant_id: variant } = await runningRelease();
  return { arch, version, variant };
}

async function versionLock(given: Given): Promise<string> {
  const { status, body } = await apiOf(given).call("GET", "/settings?prefix=settings.updates");
  if (status !== 200) throw new Error(`GET /settings was answered with ${status}: ${body}`);
  const settings = JSON.parse(body) as Json;
  const updates = isTable(settings) ? settings.updates : undefined;
  const lock = isTable(updates) ? updates["version-lock"] : undefined;
  return typeof lock === "string" ? lock : "latest";
}
