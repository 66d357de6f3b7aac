/** Containers in containerd: made, looked for, removed. */
import { containersFailure } from "../failures.ts";
import type { UnpackedImage } from "../images/pull.ts";
import { removeSnapshot, snapshotter } from "../images/unpack.ts";
import { type Containerd, unless } from "../runtime/containerd.ts";
import type { Packed, RuntimeContainer, RuntimeMount } from "../runtime/messages.ts";
import { encodeMessage } from "../runtime/protocol.ts";
import { containerSpec } from "../spec/container-spec.ts";
import { type AskedContainer, runtimeIdOf } from "../spec/profile.ts";
import { userOf } from "../spec/user.ts";
import { hostFacts, userFilesOf } from "./host-facts.ts";

/** Calls that have to end: what hangs longer is told as a failure. */
const callMs = 10_000;

const runtimeName = "io.containerd.runc.v2";
const specType = "types.containerd.io/opencontainers/runtime-spec/1/Spec";
const optionsType = "containerd.runc.v1.Options";

export const snapshotKeyOf = (id: string) => `${id}-snapshot`;

/** What the runtime is told: where runc keeps its own state of these containers. */
export function runtimeOptions(runcRoot: string): Packed {
  return { type_url: optionsType, value: encodeMessage(optionsType, { root: runcRoot }) };
}

export async function findContainer(
  containerd: Containerd,
  id: string,
): Promise<RuntimeContainer | undefined> {
  return (await unless("not-found", containerd.call("containers.v1.Containers/Get", { id }, callMs)))
    ?.container;
}

/** @throws Failure if the image cannot be run; ContainerdError. Nothing of it is left then. */
export async function createContainer(
  containerd: Containerd,
  wanted: AskedContainer,
  image: UnpackedImage,
  runcRoot: string,
): Promise<RuntimeContainer> {
  const id = runtimeIdOf(wanted);
  const key = snapshotKeyOf(id);
  // One of an earlier run, whose container was made no more, or is gone already.
  await removeSnapshot(containerd, key, callMs);
  const mounts = await prepareSnapshot(containerd, key, image.snapshot);
  try {
    const spec = await specOf(containerd, wanted, image, mounts);
    const container = {
      id,
      image: image.name,
      runtime: { name: runtimeName, options: runtimeOptions(runcRoot) },
      spec: { type_url: specType, value: Buffer.from(JSON.stringify(spec)) },
      snapshotter,
      snapshotKey: key,
    };
    return (await containerd.call("containers.v1.Containers/Create", { container }, callMs)).container;
  } catch (error) {
    // The first failure is the one to tell; the next run begins with removing what is left.
    await removeSnapshot(containerd, key, callMs).catch(() => undefined);
    throw error;
  }
}

async function prepareSnapshot(
  containerd: Containerd,
  key: string,
  parent: string,
): Promise<readonly RuntimeMount[]> {
  // The container names it from the next call on; until then the collector of garbage has to be told.
  const labels = { "containerd.io/gc.root": new Date().toISOString() };
  const request = { snapshotter, key, parent, labels };
  return (await containerd.call("snapshots.v1.Snapshots/Prepare", request, callMs)).mounts;
}

async function specOf(
  containerd: Containerd,
  wanted: AskedContainer,
  image: UnpackedImage,
  mounts: readonly RuntimeMount[],
) {
  const [facts, files] = await Promise.all([hostFacts(), userFilesOf(mounts)]);
  try {
    const user = userOf(image.config.user, files);
    const { namespace } = containerd;
    return containerSpec({ ...wanted, namespace, image: image.config, user }, facts);
  } catch (cause) {
    throw containersFailure("image/not-usable", { reference: image.name }, { cause });
  }
}

/** Removes a container and what it has written into its root. The image stays. */
export async function removeContainer(
  containerd: Containerd,
  { id, snapshotKey }: RuntimeContainer,
): Promise<void> {
  await unless("not-found", containerd.call("containers.v1.Containers/Delete", { id }, callMs));
  await removeSnapshot(containerd, snapshotKey, callMs);
}
