/** `pinwheel test`, `pinwheel check` and `pinwheel fuzz`. */
import type { Command } from "commander";
import { runChecks } from "./check.ts";
import { registerFuzz } from "./fuzz/command.ts";
import { levels } from "./levels.ts";
import { runLevels } from "./run.ts";

/** Adds `test`, `check` and `fuzz`. */
export function register(program: Command): void {
  program
    .command("test")
    .description("run the tests; ends with `N passed, N failed`")
    .argument("[levels...]", `only these of ${levels.map((level) => level.name).join(", ")}`)
    .action(async (names: string[]) => {
      process.exitCode = await runLevels(names);
    });
  program
    .command("check")
    .description("types, lint, format and dead code, in seconds")
    .action(async () => {
      process.exitCode = await runChecks();
    });
  registerFuzz(program);
}
