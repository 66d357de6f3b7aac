/** `pinwheel openapi`: writes the description of the API that the repository keeps. */
import { writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Command } from "commander";
import { openApiText } from "../host/api/description/document.ts";

const FILE = join(import.meta.dirname, "openapi.json");

/** Adds `openapi`. */
export function register(program: Command): void {
  program
    .command("openapi")
    .description("write docs/openapi.json, the description of the API, anew from the code")
    .action(async () => {
      await writeFile(FILE, openApiText());
      console.log(`Wrote ${relative(process.cwd(), FILE)}`);
    });
}
