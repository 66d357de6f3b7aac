/**
 * Configuring the host at boot, in one process: user data, commit, generators, commit, then everything rendered
 * and restarted (specification "api" 14.2, units 4 to 6). A step that fails is told and does not keep the later
 * ones from running: a host that is half configured can still be reached and repaired through its API.
 */

import { join } from "node:path";
import { type ApplyHost, applySettings } from "../apply/index.ts";
import { failureText } from "../linux/failure.ts";
import { readTextIfExists } from "../linux/files.ts";
import type { Log } from "../linux/log.ts";
import { readBootSettings } from "./boot-config-settings.ts";
import { keepConditionFile, writeBootReport } from "./boot-outcome.ts";
import {
  isImageGood,
  type ReportedProblem,
  type ReportedStep,
  reportedFailure,
  reportedText,
  type StepResult,
} from "./boot-report.ts";
import { commitTransaction } from "./commit-step.ts";
import { generateSettings } from "./generators-step.ts";
import { liveSetting } from "./live-settings.ts";
import { writeResolvConf } from "./network/index.ts";
import { hasNothingToRestart, ownGenerators, ownRestartCommands } from "./own-commands.ts";
import { problemsOf, tell } from "./remarks.ts";
import { liveDns } from "./resolver.ts";
import { stageUnlessRefusedBefore } from "./user-data-refusal.ts";
import { type BootHost, markUserDataUsed, userDataMarker } from "./user-data-step.ts";

const NOT_GENERATED: StepResult = {
  outcome: "skipped",
  summary: "the settings before it are not committed",
  problems: [],
};

interface Step {
  readonly name: string;
  run(): Promise<StepResult>;
}

/**
 * Runs every step and writes the boot report after each. Says in the runtime directory, by the file `configured`,
 * whether the image did its duty: only then may the boot be marked good.
 *
 * @returns whether no step failed
 */
export async function configureHost(host: BootHost, applier: ApplyHost): Promise<boolean> {
  await keepConditionFile(applier.runtimeDirectory, "configured", false, host.log);
  const done: ReportedStep[] = [];
  const failed = (name: string) => done.some((step) => step.name === name && step.outcome === "failed");
  const hasProblems = (name: string) => done.some((step) => step.name === name && step.problems.length > 0);
  const steps: readonly Step[] = [
    { name: "user-data", run: () => firstBootUserData(host) },
    { name: "commit", run: () => commitUserData(host, !hasProblems("user-data")) },
    {
      name: "generators",
      // What could not be committed is still pending and looks unset: a generated value would replace the user's.
      run: async () => (failed("commit") ? NOT_GENERATED : generateSettings(host, ownGenerators(host))),
    },
    { name: "commit-generated", run: () => commitTransaction(host) },
    { name: "apply", run: () => applyEverything(host, applier) },
  ];
  for (const step of steps) {
    done.push(await timed(step, host.log));
    await writeBootReport(applier.runtimeDirectory, done, host.log);
  }
  await keepConditionFile(
    applier.runtimeDirectory,
    "reboot-to-reconcile",
    !failed("apply") && (await asksToReconcile(host)),
    host.log,
  );
  await keepConditionFile(applier.runtimeDirectory, "configured", isImageGood(done), host.log);
  return done.every(({ outcome }) => outcome !== "failed");
}

/**
 * Whether the settings ask for a reboot when the boot parameters are not in effect; `prairiedog` then decides. Asked only
 * if everything is applied: a reboot cannot bring parameters into effect that could not be written.
 */
async function asksToReconcile({ call, log }: BootHost): Promise<boolean> {
  try {
    return readBootSettings(await liveSetting(call, "boot")).rebootToReconcile;
  } catch (error) {
    log.error(`whether a reboot is asked for is not known: ${failureText(error)}`);
    return false;
  }
}

async function timed(step: Step, log: Log): Promise<ReportedStep> {
  const startedAtMs = Date.now();
  const startMs = performance.now();
  const result = await step.run().catch((error: unknown): StepResult => {
    return { outcome: "failed", summary: "it ended early", problems: [reportedFailure(step.name, error)] };
  });
  const durationMs = Math.round(performance.now() - startMs);
  const { outcome, summary, warns, problems, told = [] } = result;
  const failed = outcome === "failed";
  for (const problem of problems) (failed ? log.error : log.warn)(reportedText(problem));
  const level = failed ? "error" : warns ? "warn" : "info";
  log[level](`${step.name}: ${outcome} in ${durationMs} ms: ${summary}`);
  return { name: step.name, startedAtMs, durationMs, outcome, summary, problems: [...told, ...problems] };
}

/** The marker is looked at here, as the condition of a unit would. */
async function firstBootUserData(host: BootHost): Promise<StepResult> {
  if ((await readTextIfExists(join(host.root, userDataMarker))) === undefined) {
    return stageUnlessRefusedBefore(host);
  }
  return { outcome: "skipped", summary: "an earlier boot has used the user data", problems: [] };
}

/** User data is used up once it is live, no sooner: what is only staged does not survive a power cut. */
async function commitUserData(host: BootHost, isUsable: boolean): Promise<StepResult> {
  const result = await commitTransaction(host);
  if (result.outcome === "failed" || !isUsable) return result;
  if ((await readTextIfExists(join(host.root, userDataMarker))) !== undefined) return result;
  return { ...result, problems: [...result.problems, ...(await markUserDataUsed(host))] };
}

async function applyEverything(host: BootHost, applier: ApplyHost): Promise<StepResult> {
  const own = ownRestartCommands(host);
  const told: ReportedProblem[] = [];
  const runCommand: ApplyHost["runCommand"] = async (command, env) => {
    const inProcess = own(command);
    if (inProcess !== undefined) {
      const remarks = await inProcess;
      tell(host.log, remarks);
      told.push(...problemsOf(remarks));
    } else if (await hasNothingToRestart(host.root, command)) {
      host.log.debug(`nothing to restart: ${command}`);
    } else {
      await applier.runCommand(command, env);
    }
  };
  await prepareResolver(host);
  const { failures, warnings } = await applySettings({ ...applier, runCommand }, { kind: "all" });
  const problems = [
    ...failures.map((failure) => reportedFailure("apply", failure)),
    // Files that lack a setting, such as the hostname of a host that has no network.
    ...warnings.map((failure) => reportedFailure("apply", failure, "given")),
  ];
  if (failures.length > 0) return { outcome: "failed", summary: "not everything is applied", problems, told };
  return { outcome: "done", summary: "files are written and services know of it", problems, told };
}

/** /etc/hosts depends on whether the name servers know the host, so it must not be rendered before they are known. */
async function prepareResolver({ root, call, log }: BootHost): Promise<void> {
  try {
    await writeResolvConf(root, { dns: await liveDns(call) });
  } catch (error) {
    // The restart command of the service dns meets the same, and its failure is the step's.
    log.debug(`/etc/resolv.conf: ${failureText(error)}`);
  }
}
