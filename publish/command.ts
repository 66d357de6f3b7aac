/** `pinwheel repo …`: update repositories, from the first key to the last refresh. */
import type { Command } from "commander";
import { registerBuild } from "./build-command.ts";
import { registerChecks } from "./check-command.ts";
import { registerKeys } from "./key-command.ts";
import { registerPlan } from "./plan-command.ts";

/** Adds `repo`. */
export function register(program: Command): void {
  const repo = program
    .command("repo")
    .description("update repositories: make, add releases, plan their waves, check, refresh");
  registerKeys(repo);
  registerBuild(repo);
  registerPlan(repo);
  registerChecks(repo);
}
