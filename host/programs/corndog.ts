/** corndog: kernel settings from the API into the running kernel (specification "platform" 8). */
import { lastValue, scanArguments } from "../api/index.ts";
import { failureText } from "../linux/failure.ts";
import { type Log, log, parseLogLevel } from "../linux/log.ts";
import { applyLockdown, applySysctls } from "../platform/kernel-settings.ts";
import { readMember } from "./settings-member.ts";

const USAGE = `Sets kernel parameters from the settings of this host.

Usage: corndog sysctl|lockdown [OPTIONS]

  sysctl                 set the sysctls of settings.kernel.sysctl
  lockdown               set the mode of settings.kernel.lockdown
  --socket-path PATH     the API's socket (default /run/api.sock)
  --log-level LEVEL      off, error, warn, info, debug or trace (default info)
`;

const ROOT = "/";

/** @returns 0; 1 for a failure; 2 for a wrong command line */
export async function main(args: readonly string[]): Promise<number> {
  const scanned = scanArguments(args, [
    { names: ["--socket-path"], takesValue: true },
    { names: ["--log-level"], takesValue: true },
  ]);
  if ("problem" in scanned) return wrong(scanned.problem);
  const unknown = scanned.words.find((word) => word !== "sysctl" && word !== "lockdown");
  if (unknown !== undefined) return wrong(`unknown argument ${JSON.stringify(unknown)}`);
  const command = scanned.words.at(-1); // the last one named counts
  if (command === undefined) return wrong("a command is missing");
  const level = parseLogLevel(lastValue(scanned, "--log-level") ?? "info");
  if (level === undefined) return wrong("--log-level is none of off, error, warn, info, debug, trace");

  const say = log("corndog", level);
  try {
    const kernel = await readMember(lastValue(scanned, "--socket-path") ?? "/run/api.sock", "kernel");
    await (command === "sysctl" ? sysctl(kernel, say) : lockdown(kernel, say));
    return 0;
  } catch (error) {
    say.error(failureText(error));
    return 1;
  }
}

function wrong(problem: string): number {
  process.stderr.write(`corndog: ${problem}\n\n${USAGE}`);
  return 2;
}

async function sysctl(kernel: unknown, say: Log): Promise<void> {
  const sysctls = new Map(
    Object.entries(table(table(kernel).sysctl)).map(([key, value]) => [key, String(value)]),
  );
  for (const { key, problem } of await applySysctls(ROOT, sysctls)) {
    say.error(`settings.kernel.sysctl: ${key} was not set: ${problem}`);
  }
}

async function lockdown(kernel: unknown, say: Log): Promise<void> {
  const { lockdown: requested } = table(kernel);
  if (typeof requested !== "string") return;
  const outcome = await applyLockdown(ROOT, requested);
  switch (outcome.kind) {
    case "in-effect":
      return say.info(`Lockdown mode ${outcome.mode} is in effect already`);
    case "needs-reboot":
      return say.warn(`Lockdown mode ${outcome.current} can be lowered to ${requested} only by a reboot`);
    case "written":
      return say.info(`Lockdown mode changed from ${outcome.from} to ${requested}`);
  }
}

function table(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
