/**
 * The sets of this host, with the versions in them. Acts.
 *
 * Nothing on a partition says which version it holds, so what is written, and what runs, is remembered on the private
 * partition: with the beginning of the hash partition, which differs from image to image, so that a set that somebody
 * else has written to is not taken for what it was.
 */
import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readTextIfExists, writeWhole } from "../../linux/files.ts";
import { type HostPlace, type HostSets, readHostSets } from "../host-sets.ts";
import { nextSet, otherSet, type SetName } from "../partition-sets.ts";
import { readPrepared } from "../prepared.ts";
import { contentOf, type SetsView } from "./set-content.ts";
import { type Image, image, record, string } from "./status.ts";

const MEMORY = "var/lib/bottlerocket/update/sets.json";

/** The superblock of the hash tree, and the block above all others, which every byte of the root has a part in. */
const BEGINNING_BYTES = 8192;

/** The sets as they are now. @throws Failure when they cannot be read */
export async function viewSets(place: HostPlace): Promise<SetsView> {
  return await view(place, await readHostSets(place));
}

/** Remembers which image runs. @returns the sets as they are now */
export async function rememberRunning(place: HostPlace, running: Image): Promise<SetsView> {
  const host = await readHostSets(place);
  await remember(place, host, host.active, running);
  return await view(place, host);
}

/** Remembers which image was written to the set that does not run. */
export async function rememberWritten(place: HostPlace, written: Image): Promise<void> {
  const host = await readHostSets(place);
  await remember(place, host, otherSet(host.active), written);
}

async function view(place: HostPlace, host: HostSets): Promise<SetsView> {
  const set = otherSet(host.active);
  const holds = contentOf(host.sets[set].flags);
  const memory = await readMemory(place);
  return {
    active: host.active,
    next: nextSet(host.sets.A.flags, host.sets.B.flags) ?? null,
    inactive: { set, holds, image: holds === "nothing" ? null : await imageIn(place, host, set, memory) },
  };
}

/** The image in the inactive set; null where nobody knows it. */
async function imageIn(
  place: HostPlace,
  host: HostSets,
  set: SetName,
  memory: Memory,
): Promise<Image | null> {
  const known = memory[set];
  if (known?.beginning === (await beginning(place, host, set))) return known.image;
  // Somebody has written to it since. If that was updog, without a dispatcher, it has left word.
  const version = await readPrepared(place.root);
  const running = memory[host.active]?.image;
  const isNews = version !== undefined && version !== known?.image.version;
  return isNews && running !== undefined ? { ...running, version } : null;
}

interface Known {
  readonly image: Image;
  /** SHA-256 of the first bytes of the hash partition, in hex. */
  readonly beginning: string;
}

type Memory = { readonly [Name in SetName]?: Known };

async function remember(place: HostPlace, host: HostSets, set: SetName, image: Image): Promise<void> {
  const memory = await readMemory(place);
  const known: Known = { image, beginning: await beginning(place, host, set) };
  if (JSON.stringify(memory[set]) === JSON.stringify(known)) return;
  const path = join(place.root, MEMORY);
  await mkdir(dirname(path), { recursive: true });
  await writeWhole(path, `${JSON.stringify({ ...memory, [set]: known }, undefined, 2)}\n`, { durable: true });
}

async function readMemory(place: HostPlace): Promise<Memory> {
  const text = await readTextIfExists(join(place.root, MEMORY));
  if (text === undefined) return {};
  try {
    const sets = record("the sets", JSON.parse(text));
    return { ...knownOf("A", sets), ...knownOf("B", sets) };
  } catch {
    // Whatever is wrong in it: it only explains what the flags say, and is written anew at the next command.
    return {};
  }
}

function knownOf(name: SetName, sets: Readonly<Record<string, unknown>>): Memory {
  if (sets[name] === undefined) return {};
  const fields = record(name, sets[name]);
  return { [name]: { image: image(name, fields.image), beginning: string(name, fields.beginning) } };
}

async function beginning(place: HostPlace, host: HostSets, set: SetName): Promise<string> {
  const file = await open(join(place.root, host.sets[set].hash), "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING_BYTES), 0, BEGINNING_BYTES, 0);
    return Bun.CryptoHasher.hash("sha256", buffer.subarray(0, bytesRead), "hex");
  } finally {
    await file.close();
  }
}
