/** Images that are in containerd already. */
import { type Containerd, ContainerdError } from "../runtime/containerd.ts";
import { chainIds } from "./chain.ts";
import {
  type Descriptor,
  type ImageConfig,
  type ImageDocument,
  parseImageConfig,
  parseImageDocument,
} from "./manifest.ts";
import { isUnpacked } from "./unpack.ts";

/** An image that can be run. */
export interface UnpackedImage {
  readonly name: string;
  /** Of what its name stands for, or stood for when it was pulled: the index, where there is one, or the manifest. */
  readonly digest: string;
  readonly config: ImageConfig;
  /** The snapshot with all its layers. */
  readonly snapshot: string;
}

/** An image as an earlier pull has left it, `undefined` if it is not all there. */
export async function cachedImage(containerd: Containerd, name: string): Promise<UnpackedImage | undefined> {
  try {
    const { image } = await containerd.call("images.v1.Images/Get", { name });
    const read = async ({ mediaType, digest }: Descriptor) =>
      parseImageDocument(mediaType, await containerd.read({ digest, offset: 0, size: 0 }));
    const named = await read(image.target);
    const chosen = named.kind === "manifest" ? named : await read(manifestForHost(named));
    if (chosen.kind !== "manifest") return undefined;
    const config = parseImageConfig(
      await containerd.read({ digest: chosen.config.digest, offset: 0, size: 0 }),
    );
    const snapshot = chainIds(config.diffIds).at(-1) ?? "";
    const { digest } = image.target;
    return (await isUnpacked(containerd, snapshot)) ? { name, digest, config, snapshot } : undefined;
  } catch (error) {
    if (error instanceof ContainerdError && error.reason === "not-found") return undefined;
    throw error;
  }
}

/** The manifest among those of an index that this machine can run. */
export function manifestForHost(index: Extract<ImageDocument, { kind: "index" }>): Descriptor {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const found = index.manifests.find((each) => each.os === "linux" && each.architecture === architecture);
  if (found !== undefined) return found;
  const has = index.manifests.map((each) => `${each.os}/${each.architecture}`).join(", ");
  throw new Error(`it has nothing for linux/${architecture}, only ${has || "nothing at all"}`);
}
