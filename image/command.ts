/** `pinwheel build VARIANT`: makes an image and says where it is. */
import type { Command } from "commander";
import { progressLines } from "../sdk/index.ts";
import { buildImage } from "./build.ts";

/** Adds the subcommand `build`. */
export function register(program: Command): void {
  program
    .command("build")
    .description("build the disk images of a variant")
    .argument("<variant>", "a folder of variants/, for instance metal-base")
    .option("--arch <arch>", "the hosts' processors", "x86_64")
    .option("--out <dir>", "where the images go (build/images)")
    .option("--refresh", "ask the package mirror for newer versions")
    .action(async (variant: string, options: { arch: string; out?: string; refresh?: boolean }) => {
      const built = await buildImage(variant, {
        arch: options.arch,
        progress: progressLines(),
        ...(options.out === undefined ? {} : { out: options.out }),
        ...(options.refresh === undefined ? {} : { refresh: options.refresh }),
      });
      process.stdout.write(`${built.disk}\n`);
    });
}
