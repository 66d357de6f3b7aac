/**
 * Writes an update to the inactive set (specification "updates" 7.1, steps 3 to 5).
 *
 * At every moment one of three things holds: nothing was changed; or the inactive set is cleared, so that it can be
 * neither activated nor started; or all three images are on the disk as they were signed, and only then is it valid.
 */
import { basename } from "node:path";
import { messageOf } from "../../linux/failure.ts";
import { openPartition, type Partition } from "../../linux/partition.ts";
import { changeHostSets, type HostPlace, readHostSets } from "../host-sets.ts";
import { otherSet } from "../partition-sets.ts";
import type { TargetSource } from "../target-source.ts";
import { fail, type ImageFacts } from "./failures.ts";
import { writeImage } from "./write-image.ts";

const IMAGES = ["root", "boot", "hash"] as const; // the order in which they are written

export type ImageName = (typeof IMAGES)[number];

/** How much of a target has come, in bytes as they are served: compressed. */
export interface ImageProgress {
  readonly image: ImageName;
  readonly done: number;
  readonly total: number;
}

export interface ImagesToWrite {
  readonly place: HostPlace;
  readonly source: TargetSource;
  /** Names of the targets. */
  readonly images: { readonly [Image in ImageName]: string };
  readonly progress: (progress: ImageProgress) => void;
  /** Ends the writing; the inactive set then stays cleared. */
  readonly signal: AbortSignal;
}

/**
 * Clears the inactive set, writes the three images to it, and marks it valid.
 *
 * @throws Failure of install/… naming the image, its target, the partition and the reason; those of the partition sets;
 *   the signal's reason
 */
export async function writeImages({ place, source, images, progress, signal }: ImagesToWrite): Promise<void> {
  const { active, sets } = await readHostSets(place);
  const inactive = sets[otherSet(active)];
  const facts = IMAGES.map((image) => ({ image, target: images[image], device: inactive[image] }));
  for (const { image, target } of facts) {
    if (!source.has(target)) throw fail("install/no-target", { image, target });
  }
  // Held until the end: nothing else can mount one of them, or write another update to it.
  await using opened = await openAll(place, facts);
  signal.throwIfAborted();
  await changeHostSets(place, "clear-inactive");
  for (const [index, { image, ...names }] of facts.entries()) {
    const total = source.length(names.target);
    const partition = opened.partitions[index];
    if (partition === undefined) throw new Error(`${names.device} was not opened`);
    const done = (bytes: number) => progress({ image, done: bytes, total });
    await writeImage(source, partition, { image, ...names }, done, signal);
  }
  signal.throwIfAborted();
  await changeHostSets(place, "mark-inactive-valid");
}

interface Opened extends AsyncDisposable {
  readonly partitions: readonly Partition[];
}

async function openAll(place: HostPlace, facts: readonly ImageFacts[]): Promise<Opened> {
  const partitions: Partition[] = [];
  const opened: Opened = {
    partitions,
    [Symbol.asyncDispose]: async () => {
      for (const partition of partitions) await partition.close();
    },
  };
  const kind = place.devicesAreFiles === true ? "plain file" : "device";
  for (const { image, device } of facts) {
    try {
      partitions.push(await openPartition(place.root, basename(device), kind));
    } catch (cause) {
      await opened[Symbol.asyncDispose]();
      throw fail("install/no-partition", { image, device, reason: messageOf(cause) }, { cause });
    }
  }
  return opened;
}
