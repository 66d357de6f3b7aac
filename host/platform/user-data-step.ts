/**
 * The step of the boot that stages user data (specification "platform" 2.2): every source is read before
 * anything is sent, and when something is wrong with one of them nothing of any is sent.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { launchTransaction } from "../api/index.ts";
import type { CallApi } from "../apply/index.ts";
import { errorCode, writeWhole } from "../linux/files.ts";
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

/** The sources of platform metal, in order of precedence, later ones win; none but this one. */
const localFile = "/var/lib/bottlerocket/user-data.toml";

/** There from the first boot whose user data is live, or that had none; then user data is not read again. */
export const userDataMarker = "/var/lib/bottlerocket/early-boot-config.ran";

/**
 * Reads, checks and stages user data. The marker is not written: until the commit a power cut loses what is staged, and
 * the next boot must read the user data again.
 */
export async function stageUserData(host: BootHost): Promise<StepResult> {
  const data = await readSource(host, localFile);
  switch (data.kind) {
    case "absent":
      return {
        outcome: "skipped",
        summary: `no user data: there is no ${localFile}`,
        problems: [],
      };
    case "empty":
      return {
        outcome: "skipped",
        summary: `no user data: ${localFile} is empty`,
        problems: [],
      };
    case "wrong":
      return failed(data.problems.map((problem) => reported(localFile, problem)));
    case "unreadable":
      return failed([data.problem]);
    case "settings":
      return stage(host, data);
  }
}

async function stage(host: BootHost, data: UserData & { kind: "settings" }): Promise<StepResult> {
  for (const name of data.ignored) {
    host.log.warn(
      `${localFile}: the top-level name ${JSON.stringify(name)} is not "settings" and is not used`,
    );
  }
  const uri = `/settings?tx=${launchTransaction}`;
  const answer = await host.call("PATCH", uri, JSON.stringify(data.settings));
  if (answer.status < 200 || answer.status > 299) {
    const problem = `the API refused it with status ${answer.status}: ${answer.body}`;
    return failed([{ source: localFile, key: "", problem, accepted: "" }]);
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

type SourceData = UserData | { kind: "absent" } | { kind: "unreadable"; problem: ReportedProblem };

async function readSource(host: BootHost, path: string): Promise<SourceData> {
  try {
    return readUserData(await readFile(join(host.root, path)), host.model);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return { kind: "absent" };
    return { kind: "unreadable", problem: reportedFailure(path, error) };
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
