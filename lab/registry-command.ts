/** `pinwheel registry …`: the lab's OCI registry, and publishing our container images to it or to another one. */
import type { Command } from "commander";
import { ensureSdk, progressLines } from "../sdk/index.ts";
import { publishImages, publishToLab } from "./publish.ts";
import { findRegistry, startRegistry, stopRegistry } from "./registry.ts";
import { registrySettings } from "./registry-settings.ts";

/** Adds `registry`. */
export function registerRegistry(program: Command): void {
  const registry = program.command("registry").description("the lab's registry of container images");
  registry
    .command("publish")
    .description("build the admin and control containers and push them; print the settings for a host")
    .argument("[names...]", "only these; all when none is named")
    .option("--to <url>", "another registry, which takes images without logging in; the lab's when absent")
    .action(publish);
  registry
    .command("start")
    .description("start it and leave it running; machines that need it start it by themselves")
    .action(async () => {
      const { url } = await startRegistry(await ensureSdk(progressLines()), true);
      process.stdout.write(`${url}\n`);
    });
  registry.command("status").description("where it runs, and the names and tags in it").action(status);
  registry
    .command("stop")
    .description("stop it; its images stay, for the next start")
    .action(async () => {
      if (!(await stopRegistry())) process.stderr.write("The registry was not running.\n");
    });
}

async function publish(names: string[], options: { to?: string }): Promise<void> {
  const progress = progressLines();
  if (options.to !== undefined) {
    await publishImages(names, options.to, progress);
    return;
  }
  const { registry, images } = await publishToLab(await ensureSdk(progress), names, progress);
  process.stdout.write(registrySettings(registry, images));
}

async function status(): Promise<void> {
  const registry = await findRegistry();
  if (registry === undefined) {
    process.stdout.write("not running\n");
    return;
  }
  process.stdout.write(`${registry.url}, for guests ${registry.nameForGuests}\n`);
  // docker-registry's answers; a name in the catalogue may have lost all its tags.
  const { repositories } = (await answerOf(`${registry.url}/v2/_catalog`)) as {
    repositories: readonly string[];
  };
  for (const repository of repositories) {
    const { tags } = (await answerOf(`${registry.url}/v2/${repository}/tags/list`)) as {
      tags: string[] | null;
    };
    for (const tag of tags ?? []) process.stdout.write(`${repository}:${tag}\n`);
  }
}

async function answerOf(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}
