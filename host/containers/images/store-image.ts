/** An image stored: its content, its layers unpacked, and what names what. */
import { type Containerd, unless } from "../runtime/containerd.ts";
import type { UnpackedImage } from "./cached.ts";
import { type Descriptor, type ImageDocument, parseImageConfig } from "./manifest.ts";
import { storeBlob } from "./store-blob.ts";
import { snapshotter, unpackLayers } from "./unpack.ts";

/** A manifest or an index as it came, which is what its digest says. */
export interface FetchedManifest extends Descriptor {
  readonly bytes: Uint8Array;
  readonly document: ImageDocument;
}

/**
 * Has all of an image in containerd, unpacked, and names it.
 *
 * @param named   what its name stands for: an index, or the manifest itself
 * @param chosen  the manifest for this machine
 * @param bring   brings other content into the store
 */
export async function storeImage(
  containerd: Containerd,
  name: string,
  named: FetchedManifest,
  chosen: FetchedManifest,
  bring: (content: Descriptor) => Promise<void>,
): Promise<UnpackedImage> {
  if (chosen.document.kind !== "manifest") throw new Error(`index ${chosen.digest} is inside another index`);
  const { config, layers } = chosen.document;
  const manifests = named === chosen ? [chosen] : [named, chosen];
  const coming = new Map([config, ...layers].map((each) => [each.digest, bring(each)]));
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
  await nameImage(containerd, name, named);
  return { name, config: image, snapshot };
}

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
