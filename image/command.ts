/** `pinwheel build VARIANT`: makes an image and says where it is. */
import type { Command } from "commander";
import { progressLines } from "../sdk/index.ts";
import { type BuildOptions, buildImage } from "./build.ts";

/** Adds the subcommand `build`. */
export function register(program: Command): void {
  program
    .command("build")
    .description("build the disk images of a variant")
    .argument("<variant>", "a folder of variants/, for instance metal-base")
    .option("--arch <arch>", "the hosts' processors", "x86_64")
    .option("--out <dir>", "where the images go (build/images)")
    .option("--release <file>", "another version than Release.toml's: a file with version and date, as that")
    .option("--repo <name>", "whose updates its hosts take (default; development until that is made)")
    .option("--refresh", "ask the package mirror for newer versions")
    .action(async (variant: string, options: Omit<BuildOptions, "progress">) => {
      const built = await buildImage(variant, { ...options, progress: progressLines() });
      process.stdout.write(`${built.disk}\n`);
    });
}
