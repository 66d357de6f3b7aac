/**
 * Which parameters of the boot configuration are the settings': those of a group that settings have held since the
 * file was written by us. What else is in the file somebody has provisioned.
 *
 * Without this the last parameter could not be removed: settings that say nothing of a group look the same whether
 * nobody ever said anything (then what is provisioned stays) or it was taken back. The running parameters do not tell
 * either: until the next start, a removed one is among them.
 */
import { join } from "node:path";
import { readTextIfExists, writeWhole } from "../linux/files.ts";
import type { BootParameters } from "./boot-config-text.ts";

type GroupName = keyof BootParameters;
export type OwnedGroups = ReadonlySet<GroupName>;

const notePath = "var/lib/bottlerocket/bootconfig.owned.json";
const groupNames: readonly GroupName[] = ["kernel", "init"];

/**
 * Reads which groups the settings own.
 *
 * @param text  of the boot configuration that is there now; if it is not the one that was noted, somebody else has
 *   written it since, and the settings own nothing
 * @throws  never for the note's content: one that cannot be used says nothing
 */
export async function ownedGroups(root: string, text: string | undefined): Promise<OwnedGroups> {
  const note = await readTextIfExists(join(root, notePath));
  const content = note === undefined ? undefined : parseNote(note);
  if (content === undefined || content.text !== text) return new Set();
  const { groups } = content;
  return new Set(groupNames.filter((name) => Array.isArray(groups) && groups.includes(name)));
}

/**
 * Notes which groups the settings own, after the file is written: a note that is older than the file counts for
 * nothing, and the other way round a power cut between the two would bring a removed parameter back.
 */
export async function noteOwnedGroups(root: string, text: string, owned: OwnedGroups): Promise<void> {
  const path = join(root, notePath);
  const note = `${JSON.stringify({ groups: groupNames.filter((name) => owned.has(name)), text })}\n`;
  const before = await readTextIfExists(path);
  if (before === note || (before === undefined && owned.size === 0)) return;
  await writeWhole(path, note, { durable: true });
}

function parseNote(note: string): { readonly groups?: unknown; readonly text?: unknown } | undefined {
  try {
    const content: unknown = JSON.parse(note);
    return typeof content === "object" && content !== null ? content : undefined;
  } catch (error) {
    // Only a damaged disk makes it so; then what is in the file is kept, as if it were provisioned.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
