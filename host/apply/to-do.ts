/**
 * What is to be applied, noted before an applier is started and crossed out when it is done: a file for each request,
 * so that many can note and one can cross out without a lock between them. A request whose applier was killed is
 * still there for the next one. It lies below /run: at boot everything is applied anyway.
 */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { disk, listIfExists, readTextIfExists, writeWhole } from "../linux/files.ts";
import type { ApplyRequest } from "./apply.ts";
import { type Commit, keysOf, newest } from "./runs.ts";

/** A request as it is noted. */
export interface ToDo {
  readonly path: string;
  readonly request: ApplyRequest;
  /** Those who made this request and are to be told of its outcome: the last of them, if there are very many. */
  readonly commits: readonly Commit[];
}

const listName = "apply-to-do";

/**
 * Notes a request. From here on it is applied, by whoever is next.
 *
 * An earlier note of the same request goes: this one is applied later, with newer values. So the list has no more
 * entries than there are different requests, however many come while it has to wait. Their commits go on with this one.
 */
export async function noteToDo(
  directory: string,
  request: ApplyRequest,
  commit?: Omit<Commit, "keys">,
): Promise<void> {
  const list = join(directory, listName);
  await mkdir(list, { recursive: true });
  const same = `${Bun.hash(JSON.stringify(request)).toString(16)}-`;
  const earlier = (await entriesOf(list))
    .filter((name) => name.startsWith(same))
    .map((name) => join(list, name));
  const before = (await Promise.all(earlier.map(readEntry))).flatMap((entry) => entry?.commits ?? []);
  const own = commit === undefined ? [] : [{ ...commit, keys: keysOf(request) }];
  const commits = newest([...before, ...own]).map(({ id, committedAtMs }) => ({ id, committedAtMs }));
  const text = JSON.stringify({ ...request, commits });
  await writeWhole(join(list, `${same}${crypto.randomUUID()}.json`), text, { mode: 0o600, durable: false });
  for (const path of earlier) await disk.remove(path);
}

/** Everything that is noted. */
export async function readToDo(directory: string): Promise<readonly ToDo[]> {
  const list = join(directory, listName);
  let found: readonly (ToDo | undefined)[];
  let tries = 0;
  do {
    const names = await entriesOf(list);
    found = await Promise.all(names.map((name) => readEntry(join(list, name))));
    // One that has just gone may have been noted again, with its commits, under a name that was not there before.
  } while (found.includes(undefined) && ++tries < MOST_TRIES);
  return found.filter((entry) => entry !== undefined);
}

// Somebody would have to note the same in every one of these moments; and then that note's applier comes next.
const MOST_TRIES = 10;

async function readEntry(path: string): Promise<ToDo | undefined> {
  const text = await readTextIfExists(path);
  return text === undefined ? undefined : { path, ...entryOf(text) };
}

async function entriesOf(list: string): Promise<readonly string[]> {
  return ((await listIfExists(list)) ?? []).filter((name) => name.endsWith(".json"));
}

/** Crosses out what is done. */
export async function crossOut(done: readonly ToDo[]): Promise<void> {
  for (const { path } of done) await disk.remove(path);
}

function entryOf(text: string): Pick<ToDo, "request" | "commits"> {
  try {
    const value: unknown = JSON.parse(text);
    const field = (name: string): unknown =>
      typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
    const keys = field("keys");
    const areKeys = Array.isArray(keys) && keys.length > 0 && keys.every((key) => typeof key === "string");
    const request: ApplyRequest = areKeys ? { kind: "keys", keys } : { kind: "all" };
    return { request, commits: commitsOf(field("commits"), keysOf(request)) };
  } catch {
    // SyntaxError: somebody has edited it. Unknown means "everything", which is always right.
    return { request: { kind: "all" }, commits: [] };
  }
}

function commitsOf(value: unknown, keys: Commit["keys"]): readonly Commit[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap(({ id, committedAtMs }: { id?: unknown; committedAtMs?: unknown }) =>
    typeof id === "string" && typeof committedAtMs === "number" ? [{ id, committedAtMs, keys }] : [],
  );
}
