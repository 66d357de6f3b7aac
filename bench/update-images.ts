/** The images that the benchmark of updates writes: those of a build, or some like them. */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, realpath, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Glob } from "bun";
import type { ImageName } from "../host/update/index.ts";

const TOP = join(import.meta.dirname, "..");
const MIB = 1024 * 1024;
const SUFFIXES: { readonly [Image in ImageName]: string } = {
  root: "-root.ext4.lz4",
  boot: "-boot.ext4.lz4",
  hash: "-root.verity.lz4",
};
/** Of images made up, about those of metal-base; most of a root is compressed already. */
const MADE_UP_MIB: { readonly [Image in ImageName]: readonly [random: number, text: number] } = {
  root: [240, 80],
  boot: [17, 23],
  hash: [2, 8],
};

export interface ImageFile {
  readonly path: string;
  readonly length: number;
  readonly sha256: string;
}

export type ImageFiles = { readonly [Image in ImageName]: ImageFile };

/** @param scratch  where they are made if there was no build */
export async function imagesOfBuild(scratch: string, progress: (line: string) => void): Promise<ImageFiles> {
  const [root] = await Array.fromAsync(
    new Glob(`build/images/*/latest/*${SUFFIXES.root}`).scan({ cwd: TOP, followSymlinks: true }),
  );
  const path = (image: ImageName) =>
    root === undefined
      ? madeUp(scratch, image)
      : realpath(join(TOP, root.replace(SUFFIXES.root, SUFFIXES[image])));
  progress(root === undefined ? "there is no build: making images up" : `images of ${root}`);
  return {
    root: await imageFile(await path("root")),
    boot: await imageFile(await path("boot")),
    hash: await imageFile(await path("hash")),
  };
}

async function madeUp(scratch: string, image: ImageName): Promise<string> {
  const [random, text] = MADE_UP_MIB[image];
  const path = join(scratch, image);
  const file = await open(path, "w");
  for (let n = 0; n < random + text; n++) {
    await file.write(
      n % (random + text) < random ? randomBytes(MIB) : Buffer.alloc(MIB, `line ${n} of a text\n`),
    );
  }
  await file.close();
  await lz4("-q", "-f", "-9", path, `${path}.lz4`);
  await rm(path);
  return `${path}.lz4`;
}

async function imageFile(path: string): Promise<ImageFile> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path)) hash.update(piece);
  return { path, length: (await stat(path)).size, sha256: hash.digest("hex") };
}

/** Runs lz4 to its end. */
export async function lz4(...args: readonly string[]): Promise<void> {
  const { exited } = Bun.spawn(["lz4", ...args], { stdout: "ignore", stderr: "inherit" });
  if ((await exited) !== 0) throw new Error(`lz4 ${args.join(" ")} failed`);
}

/** An image of any length, made while it is served: the same part of a real one over and over. */
export interface RepeatedImage {
  readonly head: Uint8Array;
  readonly block: Uint8Array;
  readonly blocks: number;
  readonly length: number;
  readonly sha256: string;
}

const BLOCK_BYTES = 4 * MIB; // of the content: one block of the frames that builds make
const HEAD_BYTES = 7; // of a frame that says nothing about its length
const END = new Uint8Array(4);

export async function repeatedImage(
  scratch: string,
  image: ImageFile,
  bytes: number,
): Promise<RepeatedImage> {
  const part = join(scratch, "part");
  const piece = await open(image.path, "r");
  const { buffer } = await piece.read(new Uint8Array(BLOCK_BYTES), 0, BLOCK_BYTES, 20 * MIB);
  await piece.close();
  await Bun.write(part, buffer);
  await lz4("-q", "-f", "-9", "--no-frame-crc", part, `${part}.lz4`);
  const frame = await Bun.file(`${part}.lz4`).bytes();
  const [head, block] = [frame.slice(0, HEAD_BYTES), frame.slice(HEAD_BYTES, -END.length)];
  const blocks = bytes / BLOCK_BYTES;
  const hash = createHash("sha256").update(head);
  for (let n = 0; n < blocks; n++) hash.update(block);
  const length = head.length + blocks * block.length + END.length;
  return { head, block, blocks, length, sha256: hash.update(END).digest("hex") };
}

/** Its bytes as they are asked for. */
export function repeatedBytes({ head, block, blocks }: RepeatedImage): ReadableStream<Uint8Array> {
  let sent = -1;
  return new ReadableStream({
    pull(controller) {
      if (sent === -1) controller.enqueue(head.slice());
      else if (sent < blocks) controller.enqueue(block.slice());
      else {
        controller.enqueue(END.slice());
        controller.close();
      }
      sent++;
    },
  });
}
