/**
 * What is to be applied, noted before an applier is started and crossed out when it is done: a file for each request,
 * so that many can note and one can cross out without a lock between them. A request whose applier was killed is
 * still there for the next one. It lies below /run: at boot everything is applied anyway.
 */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { disk, listIfExists, readTextIfExists, writeWhole } from "../linux/files.ts";
import type { ApplyRequest } from "./apply.ts";

/** A request as it is noted. */
export interface ToDo {
  readonly path: string;
  readonly request: ApplyRequest;
}

const listName = "apply-to-do";

/**
 * Notes a request. From here on it is applied, by whoever is next.
 *
 * An earlier note of the same request goes: this one is applied later, with newer values. So the list has no more
 * entries than there are different requests, however many come while it has to wait.
 */
export async function noteToDo(directory: string, request: ApplyRequest): Promise<void> {
  const list = join(directory, listName);
  await mkdir(list, { recursive: true });
  const text = JSON.stringify(request);
  const same = `${Bun.hash(text).toString(16)}-`;
  const earlier = await entriesOf(list);
  await writeWhole(join(list, `${same}${crypto.randomUUID()}.json`), text, { mode: 0o600, durable: false });
  for (const name of earlier) if (name.startsWith(same)) await disk.remove(join(list, name));
}

/** Everything that is noted. */
export async function readToDo(directory: string): Promise<readonly ToDo[]> {
  const list = join(directory, listName);
  const read = async (name: string): Promise<readonly ToDo[]> => {
    const path = join(list, name);
    const text = await readTextIfExists(path);
    // One that has just gone is noted again already, and that note's applier is not this one.
    return text === undefined ? [] : [{ path, request: requestOf(text) }];
  };
  return (await Promise.all((await entriesOf(list)).map(read))).flat();
}

async function entriesOf(list: string): Promise<readonly string[]> {
  return ((await listIfExists(list)) ?? []).filter((name) => name.endsWith(".json"));
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
