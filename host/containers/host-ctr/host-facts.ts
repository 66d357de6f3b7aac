/** What the runtime is told about a container depends on the host it runs on, and on files of its image. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, readTextIfExists } from "../../linux/files.ts";
import type { RuntimeMount } from "../runtime/messages.ts";
import { effectiveCapabilities } from "../spec/capabilities.ts";
import type { HostFacts } from "../spec/container-spec.ts";
import { optionalSources } from "../spec/mounts.ts";
import type { UserFiles } from "../spec/user.ts";

export async function hostFacts(): Promise<HostFacts> {
  const found = await Promise.all(optionalSources.map(async (path) => ((await isThere(path)) ? [path] : [])));
  const { HTTPS_PROXY, NO_PROXY } = process.env;
  return {
    architecture: process.arch === "arm64" ? "arm64" : "x64",
    existing: new Set(found.flat()),
    capabilities: effectiveCapabilities(await readFile("/proc/self/status", "utf8")),
    hasSelinux: hasSelinuxPolicy(await ownLabel()),
    proxy: { https: HTTPS_PROXY, none: NO_PROXY },
  };
}

/** A kernel without any module that labels refuses to be asked (EINVAL): there is no label then. */
function ownLabel(): Promise<string> {
  return readFile("/proc/self/attr/current", "utf8").catch(() => "");
}

/**
 * Whether processes have labels, as the runtime judges it too: a kernel with SELinux and without a policy gives
 * everything the one label "kernel".
 *
 * @param ownLabel  of a process, as /proc/self/attr/current has it: with a NUL or a line break at its end, or without
 */
export function hasSelinuxPolicy(ownLabel: string): boolean {
  const label = ownLabel.replace(/[\0\n]+$/, "");
  return label !== "" && label !== "kernel";
}

/**
 * The files of an image that say who its users are, as its layers have them: nothing has to be mounted for that.
 *
 * @param mounts  of a snapshot: one overlay, or one bind mount if it has a single layer
 */
export async function userFilesOf(mounts: readonly RuntimeMount[]): Promise<UserFiles> {
  const layers = mounts.flatMap(layersOf);
  const read = async (path: string) => {
    for (const layer of layers) {
      const file = join(layer, path);
      const kind = await stat(file).catch(undefinedIfAbsent);
      // A device stands for a file that this layer has removed.
      if (kind?.isCharacterDevice() === true) return "";
      if (kind?.isFile() === true) return (await readTextIfExists(file)) ?? "";
    }
    return "";
  };
  return { passwd: await read("etc/passwd"), group: await read("etc/group") };
}

/** Directories with the content of layers, the uppermost first. */
function layersOf({ type, source, options }: RuntimeMount): readonly string[] {
  if (type !== "overlay") return [source];
  const value = (name: string) =>
    options.find((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);
  return [value("upperdir") ?? [], value("lowerdir")?.split(":") ?? []].flat();
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(undefinedIfAbsent)) !== undefined;
}

/** That there is nothing at a path is an answer; so is a part of the path that is no directory, or a ring of links. */
function undefinedIfAbsent(error: unknown): undefined {
  if (["ENOENT", "ENOTDIR", "ELOOP"].includes(errorCode(error) ?? "")) return undefined;
  throw error;
}
