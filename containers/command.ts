/** `pinwheel containers build`: makes the images of the host containers and says where they are. */
import { join } from "node:path";
import type { Command } from "commander";
import { progressLines } from "../sdk/index.ts";
import { buildContainerImage, exportLayout, imageNames } from "./build.ts";

const OUT = join(import.meta.dirname, "../build/containers");

/** Adds the subcommand `containers build`. */
export function register(program: Command): void {
  const containers = program.command("containers").description("images of the admin and control containers");
  containers
    .command("build")
    .description("build them as OCI image layouts; `registry publish` builds them too")
    .argument("[names...]", "only these; all when none is named")
    .option("--out <dir>", "where the layouts go (build/containers)")
    .option("--refresh", "ask the package mirror for newer versions")
    .action(async (names: string[], options: { out?: string; refresh?: true }) => {
      const progress = progressLines();
      for (const name of names.length === 0 ? await imageNames() : names) {
        const image = await buildContainerImage(name, { progress, refresh: options.refresh === true });
        process.stdout.write(`${await exportLayout(image, options.out ?? OUT)}\n`);
      }
    });
}
