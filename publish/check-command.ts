/** `pinwheel repo validate`, `check-expirations` and `refresh`: keeping a published repository in order. */
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { progressLines } from "../sdk/index.ts";
import {
  asDate,
  findRepo,
  fromOption,
  keyOption,
  moment,
  needPlaces,
  nowNs,
  type RepoOptions,
  readRoot,
  repoOptions,
  signingKeyFile,
} from "./context.ts";
import { roleExpiries } from "./expirations.ts";
import { fail } from "./failures.ts";
import { loadPublished } from "./load-published.ts";
import { readExpirationPolicy } from "./policy-files.ts";
import { refresh } from "./publish.ts";
import { readKey } from "./read-key.ts";
import { manifestProblems, refreshAsClient, refuseProblems, targetProblems } from "./validate.ts";

interface CheckOptions extends RepoOptions {
  readonly arch: string;
}

/** Adds `repo validate`, `repo check-expirations` and `repo refresh`. */
export function registerChecks(repo: Command): void {
  checkOptions(
    repo
      .command("validate")
      .description("look at a published repository as its clients do; exits with 1 when anything is wrong")
      .argument("<variant>", "a folder of variants/"),
  )
    .option("--no-targets", "leave out fetching and hashing every target")
    .action(validate);
  checkOptions(
    repo
      .command("check-expirations")
      .description("tell when the roles expire; exits with 1 when one does so soon")
      .argument("<variant>", "a folder of variants/"),
  )
    .option("--within <time>", "what is soon", "3 days")
    .action(checkExpirations);
  const refreshCommand = repo
    .command("refresh")
    .description("sign a published repository anew, unchanged but for versions and expirations")
    .argument("<variant>", "a folder of variants/");
  keyOption(checkOptions(refreshCommand))
    .option("--expirations <policy>", "a file, or a name in publish/policies", "2w-2w-1w")
    .option("--unsafe-refresh", "also one that has expired, so that nobody can tell whether it is the newest")
    .requiredOption("--out <dir>", "a new directory; metadata only is written to it")
    .action(refreshRepo);
}

function checkOptions(command: Command): Command {
  return fromOption(
    repoOptions(command).option("--arch <arch>", "the hosts' processors", "x86_64"),
    "what is published",
  );
}

async function validate(variant: string, options: CheckOptions & { targets: boolean }): Promise<void> {
  const progress = progressLines();
  const { repository, rootBytes } = await progress.step("metadata", () =>
    load(variant, options, asDate(nowNs())),
  );
  const problems = await progress.step("metadata, as a client takes it", () =>
    refreshAsClient(repository, rootBytes),
  );
  refuseProblems(repository, problems);
  const ofManifest = await progress.step("manifest.json", () => manifestProblems(repository));
  const ofTargets = !options.targets
    ? []
    : await progress.step("targets", async (note) => {
        let bytes = 0;
        let count = 0;
        const found = await targetProblems(repository, ({ length }) => {
          bytes += length;
          count += 1;
        });
        note(`${count} with ${bytes.toLocaleString("en")} bytes`);
        return found;
      });
  refuseProblems(repository, [...ofManifest, ...ofTargets]);
  process.stdout.write(`${repository.places.metadata} is in order\n`);
}

async function checkExpirations(variant: string, options: CheckOptions & { within: string }): Promise<void> {
  const now = nowNs();
  const limit = moment("--within", options.within, now);
  const { repository } = await load(variant, options, "whenever");
  const expiries = roleExpiries(repository, asDate(now), asDate(limit));
  for (const { role, expires, state } of expiries) {
    process.stdout.write(`${role.padEnd(10)} ${expires}  ${state}\n`);
  }
  if (expiries.some(({ state }) => state !== "good")) process.exitCode = 1;
}

async function refreshRepo(
  variant: string,
  options: CheckOptions & { expirations: string; unsafeRefresh?: boolean; out: string },
): Promise<void> {
  const now = nowNs();
  const expirations = await readExpirationPolicy(options.expirations);
  const { repository, repo } = await load(
    variant,
    options,
    options.unsafeRefresh === true ? "whenever" : asDate(now),
  );
  const directory = resolve(options.out, variant, options.arch);
  const version = await refresh({
    directory,
    published: repository,
    rootFile: repo.rootFile,
    root: await readRoot(repo),
    key: await readKey(signingKeyFile(repo, options)),
    expirations,
    now,
  });
  process.stderr.write(`Signed version ${version}\n`);
  process.stdout.write(`${join(options.out, variant, options.arch)}\n`);
}

async function load(variant: string, options: CheckOptions, now: Date | "whenever") {
  const repo = await findRepo(options);
  const places = needPlaces(repo, options, variant, options.arch);
  const { repository, rootBytes } = await loadPublished(repo, places, now);
  if (repository === undefined) throw fail("publish/not-found", { url: `${places.metadata}timestamp.json` });
  return { repo, repository, rootBytes };
}
