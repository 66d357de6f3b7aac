/**
 * The step of the boot that stages user data (specification "platform" 2.2): every source is read before
 * anything is sent, and when something is wrong with one of them nothing of any is sent.
 */

import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { launchTransaction } from "../api/index.ts";
import type { CallApi } from "../apply/index.ts";
import { errorCode, listIfExists, writeWhole } from "../linux/files.ts";
import type { Log } from "../linux/log.ts";
import type { Model } from "../settings/index.ts";
import { type ReportedProblem, reported, reportedFailure, type StepResult } from "./boot-report.ts";
import { readUserData, type UserData } from "./user-data.ts";

/** What the steps of the boot work on. */
export interface BootHost {
  /** The directory under which the host's files are found: "/" on a host. */
  readonly root: string;
  readonly call: CallApi;
  readonly model: Model;
  readonly log: Log;
}

/** What became of user data. */
export interface UserDataResult extends StepResult {
  /** The document itself, if it was refused: as long as it is not corrected, no boot can use it. */
  readonly refused?: Uint8Array;
}

/** The sources of platform metal, in order of precedence, later ones win; none but this one. */
const localFile = "/var/lib/bottlerocket/user-data.toml";

/** There from the first boot whose user data is live, or that had none; then user data is not read again. */
export const userDataMarker = "/var/lib/bottlerocket/early-boot-config.ran";

/**
 * Reads, checks and stages user data. The marker is not written: until the commit a power cut loses what is staged, and
 * the next boot must read the user data again.
 */
export async function stageUserData(host: BootHost): Promise<UserDataResult> {
  const source = await readSource(host, localFile);
  if (source === undefined) return noUserData(`there is no ${localFile}; ${await provisioned(host)}`);
  if (!(source instanceof Uint8Array)) return failed([source]);
  const data = readUserData(source, host.model);
  switch (data.kind) {
    case "empty":
      return noUserData(`${localFile} is empty`);
    case "wrong":
      return { ...failed(data.problems.map((one) => reported(localFile, one, "given"))), refused: source };
    case "settings":
      return stage(host, data, source);
  }
}

/** An absent source is a warning: a file with a misspelt name looks the same. */
function noUserData(reason: string): UserDataResult {
  return { outcome: "skipped", summary: `no user data: ${reason}`, warns: true, problems: [] };
}

/** The files beside it, so that whoever provisioned the host sees what it has of them, and a misspelt name. */
async function provisioned(host: BootHost): Promise<string> {
  const directory = dirname(localFile);
  const names = await listIfExists(join(host.root, directory));
  return `found in ${directory}: ${names === undefined || names.length === 0 ? "nothing" : names.join(", ")}`;
}

async function stage(
  host: BootHost,
  data: UserData & { kind: "settings" },
  source: Uint8Array,
): Promise<UserDataResult> {
  for (const name of data.ignored) {
    host.log.warn(
      `${localFile}: the top-level name ${JSON.stringify(name)} is not "settings" and is not used`,
    );
  }
  const uri = `/settings?tx=${launchTransaction}`;
  const { status, body } = await host.call("PATCH", uri, JSON.stringify(data.settings));
  if (status < 200 || status > 299) {
    const problem = `the API refused it with status ${status}: ${body}`;
    const isRefused = status >= 400 && status <= 499;
    const fault = isRefused ? "given" : "image";
    const result = failed([{ source: localFile, key: "", problem, accepted: "", fault }]);
    return isRefused ? { ...result, refused: source } : result;
  }
  const summary = `${data.leafCount} settings of ${localFile} are staged`;
  return { outcome: "done", summary, problems: [] };
}

function failed(problems: readonly ReportedProblem[]): StepResult {
  return {
    outcome: "failed",
    summary: "nothing of the user data is used; correct it and reboot, or set the settings through the API",
    problems,
  };
}

/** The bytes of a source, nothing if there is none, or why it cannot be read. */
async function readSource(host: BootHost, path: string): Promise<Uint8Array | ReportedProblem | undefined> {
  try {
    return await readFile(join(host.root, path));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    return reportedFailure(path, error);
  }
}

/**
 * Writes the marker, so that no later boot reads user data.
 *
 * @returns why it cannot be written: then the next boot reads the user data again, a nuisance and no failure
 */
export async function markUserDataUsed(
  host: Pick<BootHost, "root" | "log">,
): Promise<readonly ReportedProblem[]> {
  try {
    await writeWhole(join(host.root, userDataMarker), "", { durable: true });
    return [];
  } catch (error) {
    host.log.warn(`${userDataMarker} cannot be written; the next boot reads the user data again`);
    return [reportedFailure(userDataMarker, error)];
  }
}
