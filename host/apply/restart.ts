/** Running restart commands and telling systemd of changed unit files. */

import type { Log } from "../linux/log.ts";
import { endText, type RunOptions, run } from "../linux/process.ts";
import { hasProcesses, unitState } from "../linux/units.ts";
import { commandWords, unitOfTryRestart } from "./plan.ts";

// systemd itself gives a service 90 seconds to stop and as long to start; what takes longer than this hangs, and
// would keep all later changes waiting.
const limits: RunOptions = { timeoutMs: 5 * 60 * 1000 };

/**
 * Runs a restart command to its end. Its output is told at level trace (specification "api" 11.3).
 *
 * @throws  Error that says how it ended and what it printed on stderr
 */
export async function runRestartCommand(
  command: string,
  env: Readonly<Record<string, string>>,
  log: Log,
): Promise<void> {
  const unit = unitOfTryRestart(command);
  const asWritten = () => runToSuccess(commandWords(command), { ...limits, env }, log);
  if (unit === undefined || (await hasProcesses("/", unit))) return asWritten();
  switch (await unitState(unit)) {
    case "other":
      return asWritten();
    case "not-found":
      // A service is declared for all variants, but not every image has its unit. systemctl calls that a failure; but
      // what is not installed does not run, and a command that restarts what runs has nothing to do.
      return log.info(`${unit} is not part of this image: nothing to restart`);
    case "failed":
      // `try-` verbs do nothing for a unit that has failed; but a correction of the setting that made it fail must
      // bring it up again. Its failures are forgotten, because systemd starts nothing that has failed too often.
      log.info(`${unit} has failed before: starting it`);
      await runToSuccess(["systemctl", "reset-failed", unit], limits, log);
      await runToSuccess(["systemctl", "restart", unit], limits, log);
  }
}

/** @throws  Error as `runRestartCommand` */
export async function daemonReload(): Promise<void> {
  await runToSuccess(["systemctl", "daemon-reload"], limits);
}

async function runToSuccess(words: readonly string[], options: RunOptions, log?: Log): Promise<void> {
  const result = await run(words, options);
  for (const output of [result.stdout, result.stderr]) {
    if (output.trim() !== "") log?.trace(`${words.join(" ")}: ${output.trim()}`);
  }
  if (result.exitCode === 0) return;
  throw new Error([endText(result, options), result.stderr.trim()].filter((part) => part !== "").join(": "));
}
