/** `pinwheel sdk …`: for people who look into the build environment; everything else makes it by itself. */
import type { Command } from "commander";
import { ensureSdk, progressLines } from "./index.ts";

/** Adds the subcommands `sdk make` and `sdk run`. */
export function register(program: Command): void {
  const sdk = program.command("sdk").description("the build environment: a cached Debian 13 root");
  sdk
    .command("make")
    .description("make it now, if the cache has none of this recipe; print where it is")
    .action(async () => {
      const made = await ensureSdk(progressLines());
      process.stdout.write(`${made.root}\n`);
    });
  sdk
    .command("run")
    .description("run a command inside it, with this directory writable")
    .argument("<command...>")
    .passThroughOptions()
    .allowUnknownOption()
    .action(async (command: string[]) => {
      const made = await ensureSdk(progressLines());
      const directory = process.cwd();
      const wrapped = made.wrap(command, { writable: [directory], workdir: directory });
      const child = Bun.spawn([...wrapped.command], {
        env: wrapped.env,
        stdin: "inherit",
        stdout: "inherit",
        stderr: "inherit",
      });
      process.exitCode = await child.exited;
    });
}
