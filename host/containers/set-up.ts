/** How containers are set up, whatever their kind: each is attempted, its commands are run, all problems are told. */
import { failureText } from "../linux/failure.ts";
import type { Log } from "../linux/log.ts";
import { endText, type RunResult, run } from "../linux/process.ts";
import { hasProcesses, isInstalled } from "../linux/units.ts";
import { containersFailure, type Kind } from "./failures.ts";
import { runtimeUnit, type UnitCommand } from "./unit-commands.ts";

/** What setting up containers needs of the host. */
export interface ContainersHost {
  /** The directory under which the host's files are found: "/" on a host. */
  readonly root: string;
  /** Runs a program to its end. */
  readonly run: (command: readonly string[]) => Promise<RunResult>;
  readonly log: Log;
}

// A container is given a minute to stop, and removing it takes its time too; what takes longer than this hangs.
const timeoutMs = 5 * 60 * 1000;

/** The host whose files are below `root`, with its own programs. */
export function containersHost(root: string, log: Log): ContainersHost {
  return { root, log, run: (command) => run(command, { timeoutMs }) };
}

/** Work on one container. */
export interface Attempt {
  readonly name: string;
  run(): Promise<void>;
}

/** What is wrong with the settings of a container, as opposed to the host. */
export class WrongSettings extends Error {}

/**
 * Makes every attempt, whatever becomes of the others.
 *
 * @param all  how many containers there are, those that need no attempt included
 * @throws  Failure with the problem of each that failed
 */
export async function attemptAll(kind: Kind, attempts: readonly Attempt[], all: number): Promise<void> {
  const problems: string[] = [];
  let isGiven = true;
  for (const attempt of attempts) {
    try {
      await attempt.run();
    } catch (error) {
      problems.push(`${attempt.name}: ${failureText(error)}`);
      isGiven &&= error instanceof WrongSettings;
    }
  }
  if (problems.length === 0) return;
  throw containersFailure(isGiven ? "containers/bad-settings" : "containers/failed", { kind, problems, all });
}

/** @throws  Error that says what is missing for a container to run */
export async function requireUnit(root: string, kind: Kind, unit: string): Promise<void> {
  if (await isInstalled(root, unit)) return;
  throw new Error(`unit ${unit} is not part of this image: running ${kind} containers is not built yet`);
}

/** Runs commands in order. @throws Error that names the one that failed, and what it said */
export async function runCommands(host: ContainersHost, commands: readonly UnitCommand[]): Promise<void> {
  for (const { words, mayFail } of commands) {
    const result = await host.run(words);
    const text = [words.join(" "), endText(result), result.stderr.trim()].filter(Boolean).join(": ");
    if (result.exitCode === 0) host.log.info(words.join(" "));
    else if (mayFail === true) host.log.debug(text);
    else throw new Error(text);
  }
}

/** Whether the runtime of the containers is active, which systemd is asked only if it has processes. */
export async function isRuntimeActive(host: ContainersHost): Promise<boolean> {
  if (!(await hasProcesses(host.root, runtimeUnit))) return false;
  return (await host.run(["systemctl", "is-active", "--quiet", runtimeUnit])).exitCode === 0;
}
