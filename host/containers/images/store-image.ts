/** An image stored: its content, its layers unpacked, and what names what. */
import { type Containerd, unless } from "../runtime/containerd.ts";
import type { UnpackedImage } from "./cached.ts";
import type { ImageSource } from "./image-source.ts";
import { type Descriptor, type ImageDocument, parseImageConfig } from "./manifest.ts";
import { storeBlob } from "./store-blob.ts";
import { snapshotter, unpackLayers } from "./unpack.ts";

/** A manifest or an index as it came, which is what its digest says. */
export interface FetchedManifest extends Descriptor {
  readonly bytes: Uint8Array;
  readonly document: ImageDocument;
}

export interface Supply {
  /** Brings other content into the store, and tells how many bytes of it are there. */
  bring(content: Descriptor, told: (bytes: number) => void): Promise<void>;
  /** Is told how many bytes of everything are there. */
  received(bytes: number, totalBytes: number): void;
}

/**
 * Has all of an image in containerd, unpacked, and names it.
 *
 * @param names   all that it is to be known by; the first is what the answer calls it
 * @param named   what its names stand for: an index, or the manifest itself
 * @param chosen  the manifest for this machine
 */
export async function storeImage(
  containerd: Containerd,
  names: ImageSource["names"],
  named: FetchedManifest,
  chosen: FetchedManifest,
  supply: Supply,
): Promise<UnpackedImage> {
  if (chosen.document.kind !== "manifest") throw new Error(`index ${chosen.digest} is inside another index`);
  const { config, layers } = chosen.document;
  const manifests = named === chosen ? [chosen] : [named, chosen];
  const coming = bringAll([config, ...layers], supply);
  const arrived = async ({ digest }: Descriptor) => coming.get(digest);
  const unpack = async () => {
    await arrived(config);
    const image = parseImageConfig(await containerd.read({ digest: config.digest, offset: 0, size: 0 }));
    return { image, snapshot: await unpackLayers(containerd, layers, image.diffIds, arrived) };
  };
  // To the end of all of them: what one endpoint does not have is no reason to leave the others half done.
  const [unpacked, ...stored] = await Promise.allSettled([
    unpack(),
    ...manifests.map((each) => storeManifest(containerd, each)),
    ...coming.values(),
  ]);
  for (const each of stored) if (each.status === "rejected") throw each.reason;
  if (unpacked.status === "rejected") throw unpacked.reason;
  const { image, snapshot } = unpacked.value;
  // What names what, for the collector of garbage.
  const link = (from: string, links: readonly (readonly [string, string])[]) =>
    label(containerd, from, links);
  if (snapshot !== "") await link(config.digest, [[`gc.ref.snapshot.${snapshotter}`, snapshot]]);
  await link(chosen.digest, [
    ["gc.ref.content.config", config.digest],
    ...layers.map(({ digest }, index) => [`gc.ref.content.l.${index}`, digest] as const),
  ]);
  if (named !== chosen) await link(named.digest, [["gc.ref.content.m.0", chosen.digest]]);
  for (const name of names) await nameImage(containerd, name, named);
  return { name: names[0], digest: named.digest, config: image, snapshot };
}

/** @returns by its digest, when each is there */
function bringAll(contents: readonly Descriptor[], { bring, received }: Supply): Map<string, Promise<void>> {
  // An image may have the same layer twice.
  const each = [...new Map(contents.map((content) => [content.digest, content])).values()];
  const total = sum(each.map(({ size }) => size));
  const there = new Map<string, number>();
  const told = (digest: string) => (bytes: number) => {
    there.set(digest, bytes);
    received(sum([...there.values()]), total);
  };
  return new Map(each.map((content) => [content.digest, bring(content, told(content.digest))]));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

function storeManifest(containerd: Containerd, { bytes, ...descriptor }: FetchedManifest): Promise<void> {
  return storeBlob(containerd, descriptor, async function* (offset) {
    yield bytes.subarray(offset);
  });
}

async function label(
  containerd: Containerd,
  digest: string,
  links: readonly (readonly [string, string])[],
): Promise<void> {
  const labels = Object.fromEntries(links.map(([name, value]) => [`containerd.io/${name}`, value]));
  const paths = Object.keys(labels).map((name) => `labels.${name}`);
  await containerd.call("content.v1.Content/Update", { info: { digest, labels }, updateMask: { paths } });
}

async function nameImage(containerd: Containerd, name: string, target: Descriptor): Promise<void> {
  const { mediaType, digest, size } = target;
  const image = { name, target: { mediaType, digest, size } };
  const created = await unless("already-exists", containerd.call("images.v1.Images/Create", { image }));
  if (created === undefined) await containerd.call("images.v1.Images/Update", { image });
}
