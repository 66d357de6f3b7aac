/** corndog: kernel settings from the API into the running kernel (specification "platform" 8). */
import type { Log } from "../linux/log.ts";
import { applyLockdown, applySysctls } from "../platform/kernel-settings.ts";
import { apiOf, runProgram, socketOption } from "./program.ts";
import { readMember } from "./settings-member.ts";

const shape = {
  name: "corndog",
  about: "Sets kernel parameters from the settings of this host.",
  commands: {
    sysctl: "set the sysctls of settings.kernel.sysctl",
    lockdown: "set the mode of settings.kernel.lockdown",
  },
  options: [socketOption],
};

const ROOT = "/";

/** @returns 0; 1 for a failure; 2 for a wrong command line */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(shape, args, async (given, say) => {
    const kernel = await readMember(apiOf(given).socketPath, "kernel");
    await (given.command === "sysctl" ? sysctl(kernel, say) : lockdown(kernel, say));
    return 0;
  });
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
