/** What each command has updog do, and what its end means (specification "updates" 8.4, 8.5). Acts. */
import { failureText } from "../../linux/failure.ts";
import { refusedVersions } from "../attempts.ts";
import type { HostPlace } from "../host-sets.ts";
import { chooseListed, parseOffers } from "./choice.ts";
import type { Success } from "./commands.ts";
import type { DispatcherFiles } from "./files.ts";
import type { SetsView } from "./set-content.ts";
import { rememberWritten, viewSets } from "./sets.ts";
import type { Image, UpdateStatus } from "./status.ts";
import { runUpdog, type UpdogEnd } from "./updog.ts";
import type { UpdateRequest, WorkHost } from "./work.ts";

/** How a command ended. */
export type End = { readonly exitStatus: number; readonly stderr: string } & (
  | { readonly kind: "success"; readonly success: Success }
  | {
      readonly kind: "failure";
      /** Whether what was staged before is not whole any more. */
      readonly hasErased: boolean;
    }
);

/** What the work needs. */
export interface Means extends WorkHost {
  readonly files: DispatcherFiles;
  /** Descriptor of the lock. */
  readonly lock: number;
}

/** Carries out a command that is allowed. Whatever goes wrong is its end. */
export async function carryOut(request: UpdateRequest, status: UpdateStatus, means: Means): Promise<End> {
  switch (request.command) {
    case "refresh":
      return refresh(means);
    case "prepare":
      // Nothing else is allowed without a choice.
      return status.chosen_update === null
        ? failure({ exitStatus: 1, stderr: "" }, "There is no chosen update")
        : prepare(status.chosen_update, request.retry, means);
    case "activate":
      return simple("activate", await runUpdog(["update-apply"], means.lock));
    case "deactivate":
      return simple("deactivate", await runUpdog(["update-revert"], means.lock));
  }
}

async function refresh(means: Means): Promise<End> {
  const end = await runUpdog(["whats", "--all", "--json"], means.lock);
  if (end.exitStatus !== 0) return failure(end);
  try {
    const offers = readOffers(end.stdout);
    const refusals = await refusedVersions(means.place.root);
    const { chosen, refused } = chooseListed(
      offers,
      means.running.version,
      await means.versionLock(),
      refusals,
    );
    await means.files.writeRefusedChoice(refused);
    const says = refused === null ? "" : `${refused.says}\n`;
    const available = offers.map(({ version }) => version.text);
    return success(end, { command: "refresh", available, chosen }, says);
  } catch (error) {
    // updog has done its part, but nothing is known of updates: that is no success for whoever asked.
    return failure(end, failureText(error));
  }
}

function readOffers(stdout: string) {
  try {
    return parseOffers(stdout);
  } catch (cause) {
    throw new Error("What updog printed is not a list of updates", { cause });
  }
}

async function prepare(chosen: Image, retry: boolean, { place, files, lock }: Means): Promise<End> {
  const before = await setsOf(place);
  const args = ["update-image", "--image", chosen.version, "--progress-file", files.progress];
  const end = await runUpdog([...args, ...(retry ? ["--retry"] : [])], lock);
  const erased = async () => hasErased(before, await setsOf(place));
  if (end.exitStatus !== 0) return failure(end, "", await erased());
  // The exit code of an updog that has found nothing to do is 0, too (7).
  if (/^No update required/im.test(end.stderr)) {
    return failure(
      end,
      `${chosen.version} is not offered any more; look again: apiclient update check`,
      await erased(),
    );
  }
  try {
    await rememberWritten(place, chosen);
  } catch (error) {
    // The image is there and can be started. What is missed is only that a later boot could tell what it is.
    return success(end, { command: "prepare", image: chosen }, `Not remembered: ${failureText(error)}\n`);
  }
  return success(end, { command: "prepare", image: chosen });
}

/** @returns undefined if they cannot be read */
const setsOf = (place: HostPlace): Promise<SetsView | undefined> => viewSets(place).catch(() => undefined);

/** Where nobody can tell it counts as erased: an image that is not whole must not be activated. */
function hasErased(before: SetsView | undefined, after: SetsView | undefined): boolean {
  if (before === undefined || after === undefined) return true;
  if (before.inactive.holds === "nothing") return false;
  const isSame = before.inactive.image?.version === after.inactive.image?.version;
  return after.inactive.holds !== before.inactive.holds || !isSame;
}

function simple(command: "activate" | "deactivate", end: UpdogEnd): End {
  return end.exitStatus === 0 ? success(end, { command }) : failure(end);
}

const success = ({ exitStatus, stderr }: UpdogEnd, brought: Success, says = ""): End => ({
  kind: "success",
  success: brought,
  exitStatus,
  stderr: `${stderr}${says}`,
});

const failure = (
  { exitStatus, stderr }: Pick<UpdogEnd, "exitStatus" | "stderr">,
  says = "",
  hasErased = false,
): End => ({
  kind: "failure",
  hasErased,
  exitStatus,
  stderr: says === "" ? stderr : `${stderr}thar-be-updates: ${says}\n`,
});
