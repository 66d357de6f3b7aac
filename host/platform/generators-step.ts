/**
 * The step of the boot that generates the settings which are not set (specification "api" 10). A generator
 * that fails loses its own value only; the others' are staged.
 */

import { launchTransaction } from "../api/index.ts";
import { getObject } from "../apply/index.ts";
import { failureText } from "../linux/failure.ts";
import { endText, type RunOptions, run } from "../linux/process.ts";
import type { Json } from "../settings/index.ts";
import { type ReportedProblem, reported, type StepResult } from "./boot-report.ts";
import { faultOf } from "./fault.ts";
import * as generators from "./generators.ts";
import type { BootHost } from "./user-data-step.ts";

/** Runs a generator of ours in this process; `undefined` if the command line names none. */
export type OwnGenerators = (command: string) => Promise<generators.GeneratorOutput> | undefined;

// A generator may wait five minutes for the network by itself; one that takes longer hangs.
const generatorTimeoutMs = 6 * 60 * 1000;

/**
 * Runs the generators of all settings that have no live value, and stages what they say.
 *
 * @throws  Failure or Error if the API does not answer
 */
export async function generateSettings(
  host: Pick<BootHost, "call" | "model" | "log">,
  own: OwnGenerators = () => undefined,
): Promise<StepResult> {
  const live = await fetchLive(host);
  const commands = await fetchCommands(host);
  const wanted = commands.filter(([key]) => !generators.isPopulated(live, key));
  const { leaves, problems } = await runGenerators(host, wanted, live, {
    own,
    timeoutMs: generatorTimeoutMs,
  });
  problems.push(...(await stage(host, leaves)));
  const summary = `${leaves.size} settings generated, ${wanted.length} generators run`;
  return { outcome: problems.length === 0 ? "done" : "failed", summary, problems };
}

// Somebody waits for the answer, and what is not generated now is generated at the next boot.
const printedTimeoutMs = 30 * 1000;

/**
 * Runs the generators of some settings, whether or not they have a value, and stages nothing.
 *
 * @param keys  those without a generator are left out
 * @returns  what could be generated as the inside of a settings document, and the problems of the others
 * @throws  Failure or Error if the API does not answer
 */
export async function generateValues(
  host: Pick<BootHost, "call" | "model" | "log">,
  keys: readonly string[],
): Promise<{ readonly settings: Json; readonly problems: readonly ReportedProblem[] }> {
  const live = await fetchLive(host);
  const wanted = (await fetchCommands(host)).filter(([key]) => keys.includes(key));
  const how = { own: () => undefined, timeoutMs: printedTimeoutMs };
  const { leaves, problems } = await runGenerators(host, wanted, live, how);
  return { settings: host.model.nest(leaves), problems };
}

/** The generators' command lines by the keys that have one, sorted by key. */
async function fetchCommands(host: Pick<BootHost, "call">): Promise<readonly [string, string][]> {
  const commands = await getObject(host.call, "/metadata/setting-generators");
  return Object.entries(commands)
    .filter((entry): entry is [string, string] => typeof entry[1] === "string")
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

async function runGenerators(
  host: Pick<BootHost, "model" | "log">,
  wanted: readonly [string, string][],
  live: generators.LiveModel,
  { own, timeoutMs }: { readonly own: OwnGenerators; readonly timeoutMs: number },
): Promise<{ leaves: ReadonlyMap<string, Json>; problems: ReportedProblem[] }> {
  const options = { env: generators.proxyEnvironment(live), timeoutMs };
  // They cannot see each other's values, and some of them wait for the network: so all at the same time.
  const outputs = await Promise.all(wanted.map(([, command]) => output(command, options, own)));
  const leaves = new Map<string, Json>();
  const problems: ReportedProblem[] = [];
  for (const [index, [key, command]] of wanted.entries()) {
    const said = outputs[index];
    if (said === undefined) continue;
    if (said.kind === "unset") host.log.warn(`${key} stays unset: ${command}: ${said.reason}`);
    if (said.kind === "failed") {
      problems.push({ source: command, key, problem: said.reason, accepted: "", fault: said.fault });
    }
    if (said.kind !== "value") continue;
    const checked = generators.leavesOfValue(key, said.json, host.model);
    if (!checked.ok) problems.push(...checked.problems.map((problem) => reported(command, problem, "image")));
    else for (const [name, value] of checked.leaves) leaves.set(name, value);
  }
  return { leaves, problems };
}

/** The live model; a host on which nothing is committed yet answers 404, and then nothing is set. */
async function fetchLive(host: Pick<BootHost, "call">): Promise<generators.LiveModel> {
  const answer = await host.call("GET", "/");
  return answer.status === 404 ? {} : getObject(async () => answer, "/");
}

async function output(
  command: string,
  options: RunOptions,
  own: OwnGenerators,
): Promise<generators.GeneratorOutput> {
  try {
    const inProcess = own(command);
    if (inProcess !== undefined) return await inProcess;
    const result = await run(generators.generatorWords(command), options);
    const end = [endText(result, options), result.stderr.trim()].filter((part) => part !== "").join(": ");
    return generators.outputOfProcess(result.exitCode, result.stdout, end);
  } catch (error) {
    return { kind: "failed", reason: failureText(error), fault: faultOf(error) };
  }
}

async function stage(
  host: Pick<BootHost, "call" | "model">,
  leaves: ReadonlyMap<string, Json>,
): Promise<readonly ReportedProblem[]> {
  const uri = `/settings?tx=${launchTransaction}`;
  const { status, body } = await host.call("PATCH", uri, JSON.stringify(host.model.nest(leaves)));
  if (status >= 200 && status <= 299) return [];
  const problem = `status ${status}: ${body}`;
  return [{ source: `PATCH ${uri}`, key: "", problem, accepted: "", fault: "image" }];
}
