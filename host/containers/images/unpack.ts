/** Layers of an image unpacked into snapshots, which containers are then made on. */
import { randomUUID } from "node:crypto";
import { type Containerd, unless } from "../runtime/containerd.ts";
import { chainIds } from "./chain.ts";
import type { Descriptor } from "./manifest.ts";

/** Where layers are unpacked to: the only one that is not switched off. */
export const snapshotter = "overlayfs";

/**
 * Unpacks what is not unpacked yet.
 *
 * @returns the name of the snapshot with all layers; `""` if the image has none
 * @throws  ContainerdError; Error if a layer is not what the image's configuration says
 */
export async function unpackLayers(
  containerd: Containerd,
  layers: readonly Descriptor[],
  diffIds: readonly string[],
): Promise<string> {
  if (layers.length !== diffIds.length) {
    throw new Error(`the image has ${layers.length} layers, but its configuration has ${diffIds.length}`);
  }
  let parent = "";
  for (const [index, name] of chainIds(diffIds).entries()) {
    const layer = layers[index];
    if (layer !== undefined && !(await isUnpacked(containerd, name))) {
      await unpackLayer(containerd, layer, { parent, name, diffId: diffIds[index] ?? "" });
    }
    parent = name;
  }
  return parent;
}

export async function isUnpacked(containerd: Containerd, name: string): Promise<boolean> {
  const stat = containerd.call("snapshots.v1.Snapshots/Stat", { snapshotter, key: name });
  return (await unless("not-found", stat)) !== undefined;
}

async function unpackLayer(
  containerd: Containerd,
  layer: Descriptor,
  { parent, name, diffId }: { readonly parent: string; readonly name: string; readonly diffId: string },
): Promise<void> {
  const key = `unpack-${randomUUID()} ${name}`;
  const { mounts } = await containerd.call("snapshots.v1.Snapshots/Prepare", { snapshotter, key, parent });
  try {
    const { applied } = await containerd.call("diff.v1.Diff/Apply", { diff: layer, mounts });
    if (applied.digest !== diffId) {
      throw new Error(`layer ${layer.digest} unpacks to ${applied.digest}, but should to ${diffId}`);
    }
    const labels = { "containerd.io/uncompressed": diffId };
    const commit = containerd.call("snapshots.v1.Snapshots/Commit", { snapshotter, name, key, labels });
    // Somebody else, who unpacks an image with the same layers, may have been faster.
    if ((await unless("already-exists", commit)) !== undefined) return;
  } catch (error) {
    // The first failure is the one to tell; what is left under this name is for the collector of garbage.
    await removeSnapshot(containerd, key).catch(() => undefined);
    throw error;
  }
  await removeSnapshot(containerd, key);
}

/** Removes a snapshot, and does not mind if there is none. */
export async function removeSnapshot(containerd: Containerd, key: string, timeoutMs?: number): Promise<void> {
  const remove = containerd.call("snapshots.v1.Snapshots/Remove", { snapshotter, key }, timeoutMs);
  await unless("not-found", remove);
}
