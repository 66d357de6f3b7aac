/** updog: looks for an update, writes it to the inactive set, has it started (specification "updates" 7). */
import { join } from "node:path";
import { releaseFile } from "../api/index.ts";
import { endText, run } from "../linux/process.ts";
import {
  activateUpdate,
  type Choice,
  chooseUpdate,
  type HostPlace,
  ProgressFile,
  parseVersion,
  type Running,
  refusedFailure,
  refusedVersions,
  type Update,
  updateJson,
  type Version,
  withdrawUpdate,
} from "../update/index.ts";
import { type Given, type ProgramShape, runProgram } from "./program.ts";
import { runningRelease } from "./this-boot.ts";

const shape: ProgramShape = {
  name: "updog",
  about: `Looks for an update of this host in the repository that settings.updates names, writes it to the inactive
partition set, and has that set started at the next boot. update-apply and update-revert need no network.`,
  commandLine: "subcommand",
  commands: {
    "check-update": "print the update that would be taken; exits with 1 when there is none",
    whats: "the same",
    prepare: "nothing; taken for compatibility",
    update: "write an update to the inactive set and have it started at the next boot",
    "update-image": "write an update to the inactive set",
    "update-apply": "have the written update started at the next boot",
    "update-revert": "start what runs now at the next boot, too",
  },
  options: [
    { name: "--image", short: "-i", value: "VERSION", about: "this version, up or down, and no other" },
    { name: "--ignore-waves", short: "-n", about: "do not wait for this host's wave" },
    { name: "--now", about: "the same" },
    { name: "--all", short: "-a", about: "list all versions that this host may take" },
    { name: "--json", short: "-j", about: "print updates as JSON" },
    { name: "--reboot", short: "-r", about: "after update or update-apply, reboot in a minute" },
    { name: "--retry", about: "also a version that failed on this host before" },
    { name: "--variant", value: "NAME", about: "of this variant instead of the one that runs" },
    {
      name: "--progress-file",
      value: "PATH",
      about: "keep in this file how far update or update-image is, as JSON",
    },
  ],
};

const END_SIGNALS = ["SIGTERM", "SIGINT"] as const;
const SHUTDOWN = "sbin/shutdown"; // `-r` alone: in a minute, which is its default

/** What is asked for, with the host that it is asked for. */
interface Asked {
  readonly place: HostPlace;
  readonly running: Running;
  readonly given: Given;
  /** From --image. */
  readonly image: Version | undefined;
}

/** @returns 0; 1 for every failure, for a wrong command line, and when check-update finds nothing */
export function main(args: readonly string[], place: HostPlace = { root: "/" }): Promise<number> {
  return runProgram(shape, args, async (given) => {
    const wanted = given.value("--image");
    const image = wanted === undefined ? undefined : parseVersion(wanted);
    if (wanted !== undefined && image === undefined) {
      return given.wrong(`--image is ${JSON.stringify(wanted)}; accepted: a version like 1.11.1, without v`);
    }
    const running = await readRunning(place.root, given.value("--variant"));
    return (
      (await commands[given.command]?.({ place, running, given, image })) ??
      given.wrong("a command is missing")
    );
  });
}

const commands: Readonly<Record<string, (asked: Asked) => Promise<number>>> = {
  "check-update": check,
  whats: check,
  prepare: async () => 0,
  update: async (asked) => {
    const update = await writeUpdate(asked);
    if (update === undefined) return 0;
    await activateUpdate(asked.place, asked.running.version);
    printUpdate(`Update applied: ${nameOf(update)}`, update, asked.given);
    return await rebootIfAsked(asked);
  },
  "update-image": async (asked) => {
    const update = await writeUpdate(asked);
    if (update !== undefined) printUpdate(`Update applied: ${nameOf(update)}`, update, asked.given);
    return 0;
  },
  "update-apply": async (asked) => {
    await activateUpdate(asked.place, asked.running.version);
    return await rebootIfAsked(asked);
  },
  "update-revert": async ({ place }) => {
    await withdrawUpdate(place);
    return 0;
  },
};

async function check(asked: Asked): Promise<number> {
  const { given } = asked;
  const offers = await look(asked);
  if (given.has("--all")) {
    const { candidates } = offers;
    if (given.has("--json")) process.stdout.write(`${jsonText(candidates.map(updateJson))}\n`);
    else for (const update of candidates) process.stderr.write(`${nameOf(update)}\n`);
    return 0;
  }
  const { update } = await choose(asked, offers);
  if (update === undefined) {
    process.stderr.write("No update available\n");
    return 1;
  }
  printUpdate(nameOf(update), update, given);
  return 0;
}

/** @returns the update whose images are in the inactive set now; undefined when there is none to take, which is told */
async function writeUpdate(asked: Asked): Promise<Update | undefined> {
  const { place, running, given } = asked;
  const offers = await look(asked);
  const { update } = await choose(asked, offers);
  if (update === undefined) {
    process.stderr.write("No update required\n");
    return undefined;
  }
  process.stderr.write(`Starting update to ${update.version.text}\n`);
  const file = given.value("--progress-file");
  const progress = file === undefined ? undefined : new ProgressFile(file);
  const { takeUpdate } = await import("../update/take-update.ts");
  const { DATASTORE, rehearseUpdate } = await import("./migrations.ts");
  const datastore = join(place.root, DATASTORE);
  using ended = new EndSignal();
  await takeUpdate({
    place,
    running: running.version,
    offers,
    update,
    rehearse: (source) => rehearseUpdate(source, offers.manifest, running.version, update.version, datastore),
    progress: (step) => progress?.tell(step),
    signal: ended.signal,
  });
  await progress?.end();
  return update;
}

async function look({ place, running, given }: Asked) {
  // Put off: what needs no repository starts without the library of its format.
  const { lookForOffers } = await import("../update/offers.ts");
  return await lookForOffers(place.root, running, given.has("--ignore-waves") || given.has("--now"));
}

type Looked = Awaited<ReturnType<typeof look>>;

/** Tells of versions that were passed over. @throws Failure "updog/refused" when it is the one asked for */
async function choose({ place, running, given, image }: Asked, offers: Looked): Promise<Choice> {
  const { candidates, config } = offers;
  const wish = image === undefined ? config.versionLock : { kind: "image" as const, version: image };
  const refused = given.has("--retry") ? new Map() : await refusedVersions(place.root);
  const choice = chooseUpdate(candidates, running.version, wish, refused);
  for (const passedOver of choice.passedOver) {
    const refusal = refusedFailure(passedOver);
    if (image !== undefined) throw refusal;
    process.stderr.write(`${refusal.message}. ${refusal.hint}\n`);
  }
  return choice;
}

function printUpdate(text: string, update: Update, given: Given): void {
  process.stdout.write(`${given.has("--json") ? jsonText(updateJson(update)) : text}\n`);
}

function nameOf({ variant, version }: Update): string {
  return `${variant} ${version.text}`;
}

function jsonText(value: object): string {
  return JSON.stringify(value, undefined, 2);
}

/** Aborts when this process is told to end, as long as it is in use: what is being written is given up in order. */
class EndSignal {
  private readonly controller = new AbortController();
  private readonly abort = (name: string) =>
    this.controller.abort(new Error(`The update was ended by ${name}`));

  constructor() {
    for (const name of END_SIGNALS) process.once(name, this.abort);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  [Symbol.dispose](): void {
    for (const name of END_SIGNALS) process.off(name, this.abort);
  }
}

async function rebootIfAsked({ place, given }: Asked): Promise<number> {
  if (!given.has("--reboot")) return 0;
  // The reboot ends services, and whoever started this with them: it must be told of until then.
  const ignore = () => undefined;
  process.on("SIGTERM", ignore);
  const program = join(place.root, SHUTDOWN);
  const ended = await run([program, "-r"]).finally(() => process.off("SIGTERM", ignore));
  if (ended.exitCode === 0) return 0;
  throw new Error(`The update is ready, but ${program} -r failed: ${endText(ended)}: ${ended.stderr.trim()}`);
}

async function readRunning(root: string, variant: string | undefined): Promise<Running> {
  const { arch, variant_id, version_id } = await runningRelease(root);
  const version = parseVersion(version_id);
  if (version === undefined) throw new Error(`${releaseFile} cannot be used: ${version_id} is no version`);
  return { variant: variant ?? variant_id, arch, version };
}
