/** logdog: an archive with what is needed to look for a fault of this host (specification "containers" 15). */
import { fetchModel } from "../apply/index.ts";
import { failureText } from "../linux/failure.ts";
import {
  buildModel,
  type Json,
  loadInstalledVariant,
  type Model,
  withoutSecrets,
} from "../settings/index.ts";
import { readLive } from "../store/index.ts";
import { collectLogs, knownSecrets, requestsOf } from "../support/index.ts";
import { apiOf, type OptionShape, runProgram, socketOption } from "./program.ts";

const DEFAULT_OUTPUT = "/var/log/support/bottlerocket-logs.tar.gz";
const STORE = "/var/lib/bottlerocket/datastore/current";

const output: OptionShape = {
  name: "--output",
  value: "PATH",
  about: `where the archive is written (default ${DEFAULT_OUTPUT})`,
};
const shape = {
  name: "logdog",
  about: `Collects logs, settings and states of this host into a compressed tar archive, secrets taken out.
What could not be collected is named in its file logdog.errors.`,
  options: [output, socketOption],
};

/** @returns 0, also when not everything could be collected; 1 if there is no archive; 2 for a wrong command line */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(shape, args, async (given) => {
    const path = given.value(output.name) ?? DEFAULT_OUTPUT;
    const variant = await loadInstalledVariant();
    const model = buildModel(variant);
    const settings = async () => documentIn(await fetchModel(apiOf(given).call));
    const { documents, problems } = await knownDocuments(model, settings);
    const collecting = {
      root: "/",
      requests: requestsOf(variant.name),
      secrets: knownSecrets(model, documents),
      problems,
      settings: async () => {
        const open = withoutSecrets(model.declaration, await settings());
        return `${JSON.stringify(open, undefined, 2)}\n`;
      },
      tell: (request: string) => void process.stdout.write(`Running: ${request}\n`),
      now: Date.now() / 1000,
    };
    await collectLogs(collecting, path);
    process.stdout.write(`logs are at: ${path}\n`);
    return 0;
  });
}

type Document = { readonly [name: string]: Json };

function documentIn({ settings }: Readonly<Record<string, unknown>>): Document {
  if (typeof settings !== "object" || settings === null) throw new Error("the API's answer has no settings");
  return settings as Document; // it was JSON
}

/**
 * The settings from which it is known what is secret: those of the API, and those of the store, because it is when
 * something does not work that logs are wanted.
 */
async function knownDocuments(model: Model, settings: () => Promise<Document>) {
  const stored = async () => model.nest((await readLive(STORE)).leaves);
  const asked = await Promise.allSettled([settings(), stored()]);
  const documents = asked.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const reasons = asked.flatMap((each) => (each.status === "rejected" ? [failureText(each.reason)] : []));
  const problem = `No settings could be read, so that only what stands behind the name of a secret was taken out: ${reasons.join("; ")}`;
  return { documents, problems: documents.length === 0 ? [problem] : [] };
}
