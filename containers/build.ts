/** containers/NAME → an OCI image layout: the two layers, then the documents that name them. */
import { copyFile, cp, link, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readRelease } from "../image/release.ts";
import { cached, ensureSdk, exists, hashOf, type Progress } from "../sdk/index.ts";
import { fail } from "./failures.ts";
import { parseImageFile } from "./image-file.ts";
import { filesKey, filesLayer, packagesLayer } from "./layers.ts";
import { type Digest, digestOf, imageDocuments } from "./oci.ts";

const HERE = import.meta.dirname;
const TOP = join(HERE, "..");

export interface BuiltContainerImage {
  /** The folder's name: `admin`. */
  readonly name: string;
  /** The repository's name in a registry: `pinwheel-admin`. */
  readonly repository: string;
  /** The tag. */
  readonly version: string;
  /** Of the manifest: what a reference with `@` names. */
  readonly digest: Digest;
  /** Directory of an OCI image layout; in the cache, not to be changed. */
  readonly layout: string;
  /** `NAME VERSION` of every Debian package in it. */
  readonly packages: readonly string[];
}

export interface ContainerBuildOptions {
  readonly progress: Progress;
  /** Ask the mirror for newer packages. */
  readonly refresh?: boolean;
}

/** The images that there are: the folders here with an `image.toml`. */
export async function imageNames(): Promise<readonly string[]> {
  const entries = await readdir(HERE, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const found = await Promise.all(names.map((name) => exists(join(HERE, name, "image.toml"))));
  return names.filter((_, place) => found[place]).sort();
}

/**
 * Builds a container image, or finds the one made from the same inputs.
 *
 * @throws containers/no-such-image, containers/bad-image-file, sdk/…
 */
export async function buildContainerImage(
  name: string,
  { progress, refresh = false }: ContainerBuildOptions,
): Promise<BuiltContainerImage> {
  const known = await imageNames();
  if (!known.includes(name)) throw fail("containers/no-such-image", { name, known });
  const file = join(HERE, name, "image.toml");
  const text = await readFile(file, "utf8");
  const image = parseImageFile(text, file);
  const repository = `pinwheel-${name}`;
  const { arch, version, epoch } = await readRelease(TOP, repository, "x86_64");
  const sdk = await ensureSdk(progress);
  const packages = await packagesLayer(sdk, name, image, epoch, progress, refresh);
  const files = join(HERE, name, "files");
  const identity = { name: repository, version, arch, epoch };
  const key = hashOf(
    packages.digest,
    JSON.stringify(identity),
    text,
    await filesKey(files),
    ...(await ownTexts()),
  );
  const layout = await cached("container-images", key, (unfinished) =>
    progress.step(`image ${repository}:${version}`, async (note) => {
      const blobs = join(unfinished, "blobs/sha256");
      await mkdir(blobs, { recursive: true });
      const work = join(unfinished, "work");
      await mkdir(work);
      const layers = [packages, await filesLayer(sdk, work, files, image, epoch)];
      for (const layer of layers) await place(layer.path, blobPath(unfinished, layer.digest));
      await rm(work, { recursive: true });
      const documents = imageDocuments(image, identity, layers);
      for (const bytes of [documents.config, documents.manifest])
        await writeFile(blobPath(unfinished, digestOf(bytes)), bytes);
      await writeFile(join(unfinished, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
      await writeFile(join(unfinished, "index.json"), documents.index);
      note(documents.manifestDescriptor.digest);
    }),
  );
  const digest = await manifestDigest(layout);
  return { name, repository, version, digest, layout, packages: packages.packages };
}

/** Where a layout keeps a blob. */
export function blobPath(layout: string, digest: Digest): string {
  return join(layout, "blobs", digest.replace(":", "/"));
}

/** Copies a layout out of the cache, in place of one that was there. */
export async function exportLayout(image: BuiltContainerImage, directory: string): Promise<string> {
  const to = join(directory, image.repository);
  await rm(to, { recursive: true, force: true });
  await cp(image.layout, to, { recursive: true });
  return to;
}

async function manifestDigest(layout: string): Promise<Digest> {
  // Written above and by nothing else.
  const index = JSON.parse(await readFile(join(layout, "index.json"), "utf8")) as {
    manifests: readonly [{ digest: Digest }];
  };
  return index.manifests[0].digest;
}

/** The code that decides what an image's own layer and documents are. */
async function ownTexts(): Promise<readonly (string | Uint8Array)[]> {
  return Promise.all(["layers.ts", "oci.ts", "build.ts"].map((name) => readFile(join(HERE, name))));
}

/** A second name for the same file where the cache is one file system, else a copy. */
async function place(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}
