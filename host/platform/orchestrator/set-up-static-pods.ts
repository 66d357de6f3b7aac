/** The manifests of static pods, where the kubelet looks for them. It sees changes by itself. */
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { failureText } from "../../linux/failure.ts";
import { errorCode, readTextIfExists, writeWhole } from "../../linux/files.ts";
import type { Remark } from "../remarks.ts";
import { orchestratorFailure } from "./failures.ts";
import { readStaticPods, type StaticPod } from "./static-pods.ts";

/**
 * Writes the manifests of enabled pods, and removes those of pods that are disabled or not declared any more. Files
 * that somebody else has put there stay.
 *
 * @param kubernetes  the member `kubernetes` of the settings, `undefined` if there is none
 * @returns what was done
 * @throws  Failure if there are no settings, or that tells all problems; the pods without one are done
 */
export async function setUpStaticPods(root: string, kubernetes: unknown): Promise<readonly Remark[]> {
  if (typeof kubernetes !== "object" || kubernetes === null) {
    const facts = { what: "static-pods", missing: ["settings.kubernetes"] };
    throw orchestratorFailure("orchestrator/no-settings", facts);
  }
  const pods = readStaticPods(kubernetes);
  const written = await readWritten(root);
  const names = pods.map(({ name }) => name);
  const gone = written.filter((name) => !names.includes(name));
  const known = [...gone, ...names];
  // Before the first file: one that is not on the list would stay when its pod is not declared any more.
  await noteWritten(root, written, known);
  const done: Remark[] = [];
  const wrong = pods.flatMap((pod) => (pod.kind === "wrong" ? [pod.problem] : []));
  const failed = new Map<string, string>();
  const attempt = async (name: string, work: () => Promise<readonly Remark[]>) => {
    try {
      done.push(...(await work()));
    } catch (error) {
      failed.set(name, `${name}: ${failureText(error)}`);
    }
  };
  for (const pod of pods) await attempt(pod.name, () => setUpPod(root, pod));
  for (const name of gone) await attempt(name, () => removePod(root, name));
  await noteWritten(root, known, [...gone.filter((name) => failed.has(name)), ...names]);

  const facts = { problems: [...wrong, ...failed.values()], all: known.length };
  if (failed.size > 0) throw orchestratorFailure("orchestrator/pods-failed", facts);
  if (wrong.length > 0) throw orchestratorFailure("orchestrator/bad-pods", facts);
  return done;
}

const manifestFile = (root: string, name: string) => join(root, "etc/kubernetes/static-pods", name);

async function setUpPod(root: string, pod: StaticPod): Promise<readonly Remark[]> {
  switch (pod.kind) {
    case "enabled":
      return writePod(root, pod.name, pod.manifest);
    case "disabled":
      return removePod(root, pod.name);
    case "wrong":
      return []; // its old manifest stays, as with a file that cannot be rendered
  }
}

async function writePod(root: string, name: string, manifest: Uint8Array): Promise<readonly Remark[]> {
  const path = manifestFile(root, name);
  if ((await bytesIfExists(path))?.equals(manifest) === true) return [];
  await mkdir(dirname(path), { recursive: true });
  // The kubelet passes over names that begin with a dot, as that of the temporary file does.
  await writeWhole(path, manifest, { mode: 0o600, durable: false });
  return [{ level: "info", text: `static pod ${name}: manifest written` }];
}

async function removePod(root: string, name: string): Promise<readonly Remark[]> {
  const path = manifestFile(root, name);
  if ((await bytesIfExists(path)) === undefined) return [];
  await rm(path, { force: true });
  return [{ level: "info", text: `static pod ${name}: manifest removed` }];
}

async function bytesIfExists(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** The pods that have been set up since the boot: their files are ours. */
const listFile = (root: string) => join(root, "run/pinwheel/static-pods.json");

async function readWritten(root: string): Promise<readonly string[]> {
  const text = await readTextIfExists(listFile(root));
  try {
    const names: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
  } catch {
    // SyntaxError: somebody has edited it. Then files of pods that are not declared any more stay until the reboot.
    return [];
  }
}

async function noteWritten(root: string, before: readonly string[], names: readonly string[]): Promise<void> {
  if (JSON.stringify(before) === JSON.stringify(names)) return;
  await mkdir(dirname(listFile(root)), { recursive: true });
  await writeWhole(listFile(root), JSON.stringify(names), { mode: 0o600, durable: false });
}
