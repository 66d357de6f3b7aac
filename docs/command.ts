/** `pinwheel settings …`: settings looked at without a host. */
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Command } from "commander";
import { explain } from "./explain.ts";
import { fail } from "./failures.ts";
import { referenceOf } from "./reference.ts";
import { judge } from "./validate.ts";
import { readVariantModel, readVariantModels } from "./variants.ts";
import { writeDocs } from "./write.ts";

const top = join(import.meta.dirname, "..");

/** Adds the subcommands of `settings`. */
export function register(program: Command): void {
  const settings = program
    .command("settings")
    .description("settings without a host: checked, explained, documented");
  settings
    .command("validate")
    .description("check user data as a host would at its first boot; exits with 1 when something is wrong")
    .argument(
      "<files...>",
      "TOML as user data, plain or gzip, or JSON as for apiclient apply; - is standard input",
    )
    .requiredOption("--variant <variant>", "the hosts' variant, a folder of variants/")
    .action(async (files: string[], options: { variant: string }) => {
      const variant = await readVariantModel(options.variant);
      for (const file of files) {
        const verdict = judge(file === "-" ? "stdin" : file, await readBytes(file), variant);
        process.stdout.write(`${verdict.lines.join("\n")}\n`);
        if (!verdict.right) process.exitCode = 1;
      }
    });
  settings
    .command("schema")
    .description("print the JSON Schema of what is inside `settings`")
    .requiredOption("--variant <variant>", "a folder of variants/")
    .action(async (options: { variant: string }) => {
      const { model } = await readVariantModel(options.variant);
      process.stdout.write(`${JSON.stringify(model.schema, undefined, 2)}\n`);
    });
  settings
    .command("explain")
    .description("say everything about a setting, or what is in a group")
    .argument(
      "<key>",
      "for instance ntp.time-servers, host-containers.NAME.source, ntp, or settings for all groups",
    )
    .option("--variant <variant>", "for this variant alone")
    .action(async (key: string, options: { variant?: string }) => {
      if (options.variant !== undefined) await readVariantModel(options.variant);
      const reference = referenceOf(await readVariantModels());
      process.stdout.write(explain(key, reference, options.variant));
    });
  settings
    .command("docs")
    .description(
      "write the settings reference: pages for a browser, and docs/settings.md, which is committed",
    )
    .option("--out <dir>", "where the pages go, and then nothing else is written (build/docs)")
    .action(async ({ out }: { out?: string }) => {
      const text = out === undefined ? join(top, "docs/settings.md") : undefined;
      const written = await writeDocs(out ?? join(top, "build/docs"), text);
      process.stdout.write(`${relative(process.cwd(), written.index)}\n`);
    });
}

async function readBytes(file: string): Promise<Uint8Array> {
  if (file === "-") return Bun.stdin.bytes();
  return readFile(file).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw fail("docs/file-unreadable", { file, reason }, { cause });
  });
}
