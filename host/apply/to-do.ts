/**
 * What is to be applied, noted before an applier is started and crossed out when it is done: a file for each request,
 * so that many can note and one can cross out without a lock between them. A request whose applier was killed is
 * still there for the next one. It lies below /run: at boot everything is applied anyway.
 */

import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { disk, listIfExists, writeWhole } from "../linux/files.ts";
import type { ApplyRequest } from "./apply.ts";

/** A request as it is noted. */
export interface ToDo {
  readonly path: string;
  readonly request: ApplyRequest;
}

const listName = "apply-to-do";

/** Notes a request. From here on it is applied, by whoever is next. */
export async function noteToDo(directory: string, request: ApplyRequest): Promise<void> {
  const list = join(directory, listName);
  await mkdir(list, { recursive: true });
  const path = join(list, `${crypto.randomUUID()}.json`);
  await writeWhole(path, JSON.stringify(request), { mode: 0o600, durable: false });
}

/** Everything that is noted. */
export async function readToDo(directory: string): Promise<readonly ToDo[]> {
  const list = join(directory, listName);
  const names = ((await listIfExists(list)) ?? []).filter((name) => name.endsWith(".json"));
  return Promise.all(
    names.map(async (name) => {
      const path = join(list, name);
      return { path, request: requestOf(await readFile(path, "utf8")) };
    }),
  );
}

/** Crosses out what is done. */
export async function crossOut(done: readonly ToDo[]): Promise<void> {
  for (const { path } of done) await disk.remove(path);
}

function requestOf(text: string): ApplyRequest {
  try {
    const value: unknown = JSON.parse(text);
    const keys = typeof value === "object" && value !== null ? Reflect.get(value, "keys") : undefined;
    if (Array.isArray(keys) && keys.length > 0 && keys.every((key) => typeof key === "string"))
      return { kind: "keys", keys };
  } catch {
    // SyntaxError: somebody has edited it. Unknown means "everything", which is always right.
  }
  return { kind: "all" };
}
