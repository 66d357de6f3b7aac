/** Running restart commands and telling systemd of changed unit files. */

import { endText, type RunOptions, run } from "../linux/process.ts";
import { commandWords } from "./plan.ts";

// systemd itself gives a service 90 seconds to stop and as long to start; what takes longer than this hangs, and
// would keep all later changes waiting.
const limits: RunOptions = { timeoutMs: 5 * 60 * 1000 };

/**
 * Runs a restart command to its end.
 *
 * @throws  Error that says how it ended and what it printed on stderr
 */
export async function runRestartCommand(
  command: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  await runToSuccess(commandWords(command), { ...limits, env });
}

/** @throws  Error as `runRestartCommand` */
export async function daemonReload(): Promise<void> {
  await runToSuccess(["systemctl", "daemon-reload"], limits);
}

async function runToSuccess(words: readonly string[], options: RunOptions): Promise<void> {
  const result = await run(words, options);
  if (result.exitCode === 0) return;
  throw new Error([endText(result, options), result.stderr.trim()].filter((part) => part !== "").join(": "));
}
