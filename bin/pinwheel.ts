/** The workstation tool: every command of the rooms that have some; what fails is told in three lines. */
import { Command } from "commander";
import { register as bench } from "../bench/command.ts";
import { register as containers } from "../containers/command.ts";
import { register as docs } from "../docs/command.ts";
import { register as openApi } from "../docs/openapi-command.ts";
import { register as image } from "../image/command.ts";
import { register as lab } from "../lab/command.ts";
import { register as publish } from "../publish/command.ts";
import { register as sdk } from "../sdk/command.ts";
import { register as tests } from "../tests/command.ts";

// What a build writes has the modes it is given, whatever this machine takes away from new files by default.
process.umask(0o022);

const program = new Command("pinwheel")
  .description("Builds, boots and tests Pinwheel, a Linux operating system for hosting containers.")
  .enablePositionalOptions()
  .showHelpAfterError("try:   add --help to the command")
  .configureHelp({ sortSubcommands: false });

for (const register of [image, containers, lab, publish, docs, tests, bench, sdk, openApi]) register(program);

try {
  await program.parseAsync();
} catch (error) {
  report(error);
  process.exitCode = 1;
}

/** A known failure (it has a hint, whichever room it is from) needs no stack; an unknown one is a mistake in the tool, and its stack is what finds it. */
function report(error: unknown): void {
  const doing = process.argv.slice(2).join(" ");
  const hint = error instanceof Error && "hint" in error ? error.hint : undefined;
  if (error instanceof Error && typeof hint === "string") {
    console.error(`error: ${error.message}\nwhile: pinwheel ${doing}\ntry:   ${hint}`);
  } else {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    console.error(`while: pinwheel ${doing}`);
    console.error("try:   This is a mistake in the tool itself; with PINWHEEL_STACK=1 it tells where");
    if (process.env.PINWHEEL_STACK === "1") console.error(error);
  }
}
