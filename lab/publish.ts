/** Our container images in a registry: built when they are not yet, and only what it lacks is sent. */
import { type BuiltContainerImage, buildContainerImage, imageNames, pushImage } from "../containers/index.ts";
import type { Progress, Sdk } from "../sdk/index.ts";
import { type Registry, startRegistry, stopUnusedRegistry } from "./registry.ts";

/**
 * Builds and pushes images.
 *
 * @param names     all there are when empty
 * @param registry  its address with scheme
 */
export async function publishImages(
  names: readonly string[],
  registry: string,
  progress: Progress,
): Promise<readonly BuiltContainerImage[]> {
  const images: BuiltContainerImage[] = [];
  for (const name of names.length === 0 ? await imageNames() : names) {
    const image = await buildContainerImage(name, { progress });
    await progress.step(`${registry}: ${image.repository}:${image.version}`, async (note) => {
      const { found, sent } = await pushImage(image, registry);
      note(`${sent} blobs sent, ${found} there already`);
    });
    images.push(image);
  }
  return images;
}

/** The same to the lab's registry, which runs for it and ends again when no machine needs it. */
export async function publishToLab(
  sdk: Sdk,
  names: readonly string[],
  progress: Progress,
): Promise<{ readonly registry: Registry; readonly images: readonly BuiltContainerImage[] }> {
  const registry = await startRegistry(sdk, false);
  try {
    return { registry, images: await publishImages(names, registry.url, progress) };
  } finally {
    await stopUnusedRegistry();
  }
}
