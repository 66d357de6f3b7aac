/** The two layers of a container image: what Debian packages install, and above it our own files. */
import { chmod, cp, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { cached, hashOf, type Progress, type Sdk } from "../sdk/index.ts";
import type { ImageFile } from "./image-file.ts";
import { type Digest, type Layer, MEDIA_TYPES } from "./oci.ts";

/** A layer as it lies in the cache. */
export interface LayerFile extends Layer {
  readonly path: string;
}

export interface PackagesLayer extends LayerFile {
  /** `NAME VERSION` of every package in it. */
  readonly packages: readonly string[];
}

const LAYER = "layer.tar.zst";
const LEVEL = 9; // 12 makes 2 % less of it and takes twice as long, 19 takes minutes

/**
 * Installs the packages, or finds the layer made from the same list. The mirror is asked once for a list, as for the
 * packages of a host.
 *
 * @param epoch  stands for "now" in all that installing writes
 * @throws sdk/command-failed with what mmdebstrap said
 */
export async function packagesLayer(
  sdk: Sdk,
  name: string,
  image: ImageFile,
  epoch: number,
  progress: Progress,
  refresh = false,
): Promise<PackagesLayer> {
  const script = join(import.meta.dirname, "packages.sh");
  const packages = [...image.packages].sort().join(",");
  const accounts = accountCommands(image);
  const remove = image.remove.join(" ");
  const key = hashOf(sdk.hash, await readFile(script), packages, accounts, remove, `${epoch} ${LEVEL}`);
  const directory = await cached(
    "container-packages",
    key,
    (unfinished) =>
      progress.step(`packages of the ${name} container`, async (note) => {
        await sdk.run(
          ["sh", script, unfinished, "trixie", process.env.PINWHEEL_MIRROR ?? "", packages, accounts, remove],
          { readable: [script], writable: [unfinished], env: { SOURCE_DATE_EPOCH: String(epoch) } },
        );
        const layer = await compress(sdk, unfinished, "packages.tar");
        note(`${(await packageLines(unfinished)).length} packages, ${Math.round(layer.size / 2 ** 20)} MiB`);
      }),
    refresh,
  );
  return { ...(await readLayer(directory, "Debian packages")), packages: await packageLines(directory) };
}

/**
 * Makes the layer of our own files: those of a tree, with the links of the image file.
 *
 * @param directory  an empty one, where the layer is made
 */
export async function filesLayer(
  sdk: Sdk,
  directory: string,
  files: string,
  image: ImageFile,
  epoch: number,
): Promise<LayerFile> {
  const tree = join(directory, "tree");
  await cp(files, tree, { recursive: true });
  for (const [link, target] of image.links) {
    await mkdir(dirname(join(tree, link)), { recursive: true });
    await symlink(target, join(tree, link));
  }
  // Without the folders themselves: those of the layer below keep their owners and modes (/root is 0700).
  const names = (await fileNames(tree)).join("\n");
  await sdk.run(
    [
      ...["tar", "--create", "--file", join(directory, "files.tar"), "--directory", tree, "--format=gnu"],
      ...["--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX", `--mtime=@${epoch}`],
      ...["--no-recursion", "--verbatim-files-from", "--files-from=-"],
    ],
    { writable: [directory], stdin: names },
  );
  await rm(tree, { recursive: true });
  await compress(sdk, directory, "files.tar");
  return readLayer(directory, "Files of Pinwheel");
}

/** Names, contents and the right to be executed of all files below a directory: what a files layer depends on. */
export async function filesKey(directory: string): Promise<string> {
  const parts: (string | Uint8Array)[] = [];
  for (const name of await fileNames(directory)) {
    const path = join(directory, name);
    parts.push(name, (await stat(path)).mode & 0o100 ? "x" : "-", await readFile(path));
  }
  return hashOf(...parts);
}

async function fileNames(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();
}

/** Commands for a shell in the new root. Every name was checked to be one word. */
function accountCommands(image: ImageFile): string {
  const groups = [...image.groups].map(([name, id]) => `groupadd --gid ${id} ${name}`);
  const users = [...image.users].map(
    ([name, also]) => `useradd --create-home --shell /bin/bash --groups '${also.join(",")}' ${name}`,
  );
  return [...groups, ...users].join("\n");
}

/** Compresses a tar file, which goes, and writes down what names the layer. */
async function compress(sdk: Sdk, directory: string, tar: string): Promise<{ readonly size: number }> {
  const from = join(directory, tar);
  const to = join(directory, LAYER);
  // One thread: with several the borders of the blocks, and so the bytes, depend on their number.
  await sdk.run(["zstd", "-q", `-${LEVEL}`, "--single-thread", from, "-o", to], { writable: [directory] });
  await chmod(to, 0o644);
  const described = { digest: await digestOfFile(to), size: (await stat(to)).size };
  const diffId = await digestOfFile(from);
  await writeFile(join(directory, "layer.json"), JSON.stringify({ ...described, diffId }));
  await rm(from);
  return described;
}

async function readLayer(directory: string, contents: string): Promise<LayerFile> {
  const text = await readFile(join(directory, "layer.json"), "utf8");
  // Written by `compress` and by nothing else.
  const described = JSON.parse(text) as Pick<Layer, "digest" | "size" | "diffId">;
  return { ...described, mediaType: MEDIA_TYPES.layer, contents, path: join(directory, LAYER) };
}

async function packageLines(directory: string): Promise<readonly string[]> {
  return (await readFile(join(directory, "packages.txt"), "utf8")).split("\n").filter(Boolean);
}

async function digestOfFile(path: string): Promise<Digest> {
  const hash = new Bun.CryptoHasher("sha256");
  for await (const chunk of Bun.file(path).stream()) hash.update(chunk);
  return `sha256:${hash.digest("hex")}`;
}
