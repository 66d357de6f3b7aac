/** Puts files among the targets of a repository: each is hashed while it is copied, and appears whole, by its hash. */
import { createHash } from "node:crypto";
import { link, mkdir, open, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { TargetFile } from "@tufjs/models";
import { errorCode, temporaryNameIn } from "../host/linux/files.ts";
import { fail } from "./failures.ts";
import { type Places, targetUrl } from "./places.ts";

/** What becomes a target. */
export type TargetSource =
  | { readonly kind: "file"; readonly name: string; readonly path: string }
  | { readonly kind: "bytes"; readonly name: string; readonly bytes: Uint8Array };

/** A file under its own name. */
export function fileTarget(path: string): TargetSource {
  return { kind: "file", name: basename(path), path };
}

/** Sure on every disk, in every URL and for every client: + is a space to some web servers. */
const safeName = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/**
 * Copies one file to `<directory>/<sha256>.<name>`; if it is there already it is left.
 *
 * @param stop  ends the copying, and leaves nothing of it
 * @throws publish/bad-target-name, publish/no-file
 */
export async function addTarget(
  directory: string,
  source: TargetSource,
  stop: AbortSignal,
): Promise<TargetFile> {
  checkName(source.name);
  await mkdir(directory, { recursive: true });
  const temporary = temporaryNameIn(directory);
  try {
    const { length, sha256 } = await copyHashed(source, temporary, stop);
    const place = join(directory, `${sha256}.${source.name}`);
    if (await isThere(place)) await rm(temporary);
    else await rename(temporary, place);
    return new TargetFile({ path: source.name, length, hashes: { sha256 } });
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
}

/**
 * Brings targets of another repository on this disk along, so that the new one is complete by itself. Nothing is read:
 * what is there under a hash was written whole.
 *
 * @returns how many; 0 when the other repository is on the web, where its targets stay
 */
export async function bringTargets(
  directory: string,
  from: Places,
  targets: Iterable<TargetFile>,
  stop: AbortSignal,
): Promise<number> {
  if (new URL(from.targets).protocol !== "file:") return 0;
  await mkdir(directory, { recursive: true });
  let brought = 0;
  for (const { path, hashes } of targets) {
    stop.throwIfAborted();
    checkName(path);
    const source = fileURLToPath(targetUrl(from, path, hashes.sha256 ?? ""));
    const place = join(directory, basename(source));
    if (await isThere(place)) continue;
    await linkOrCopy(source, place, stop);
    brought += 1;
  }
  return brought;
}

function checkName(name: string): void {
  if (!safeName.test(name)) throw fail("publish/bad-target-name", { name });
}

async function linkOrCopy(source: string, place: string, stop: AbortSignal): Promise<void> {
  try {
    await link(source, place);
  } catch (thrown) {
    const code = errorCode(thrown);
    if (code === "ENOENT") throw fail("publish/not-found", { url: source }, { cause: thrown });
    if (code !== "EXDEV" && code !== "EPERM") throw thrown;
    // Another disk, or one without hard links.
    const temporary = temporaryNameIn(dirname(place));
    try {
      await copyHashed({ kind: "file", name: basename(source), path: source }, temporary, stop);
      await rename(temporary, place);
    } catch (failed) {
      await rm(temporary, { force: true });
      throw failed;
    }
  }
}

async function copyHashed(
  source: TargetSource,
  place: string,
  stop: AbortSignal,
): Promise<{ readonly length: number; readonly sha256: string }> {
  const hash = createHash("sha256");
  if (source.kind === "bytes") {
    await writeFile(place, source.bytes, { mode: 0o644, flush: true });
    return { length: source.bytes.length, sha256: hash.update(source.bytes).digest("hex") };
  }
  const [from, to] = [await openSource(source.path), await open(place, "wx", 0o644)];
  let length = 0;
  try {
    for await (const chunk of from.createReadStream({ highWaterMark: 1024 * 1024, autoClose: false })) {
      stop.throwIfAborted();
      hash.update(chunk);
      length += chunk.length;
      await to.appendFile(chunk);
    }
    await to.sync();
  } finally {
    await Promise.all([from.close(), to.close()]);
  }
  return { length, sha256: hash.digest("hex") };
}

async function openSource(path: string) {
  try {
    return await open(path, "r");
  } catch (cause) {
    throw fail(
      "publish/no-file",
      { what: "file", file: path, reason: errorCode(cause) ?? String(cause) },
      { cause },
    );
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return false;
    throw thrown;
  }
}
