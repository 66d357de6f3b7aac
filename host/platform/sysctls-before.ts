/**
 * What sysctls were before the settings changed them in this boot. The kernel has no way to ask for a default, so that
 * a setting which is taken back would otherwise stay in effect until the host restarts.
 */
import { join } from "node:path";
import { disk, readTextIfExists, writeWhole } from "../linux/files.ts";

// Below /run: a restart of the host brings the kernel's own values back, and this is to be gone then.
const directory = "run/pinwheel";
const fileName = "sysctls-before.json";

/** The values by the keys of the settings; none if nothing is known, or nothing that can be read. */
export async function sysctlsBefore(root: string): Promise<ReadonlyMap<string, string>> {
  // Unreadable is as good as not there: noting the values, which comes next, tells what is wrong with the place.
  const text = await readTextIfExists(join(root, directory, fileName)).catch(() => undefined);
  const content = text === undefined ? {} : parsed(text);
  return new Map(
    Object.entries(content).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/**
 * Replaces what is known, if it differs.
 *
 * @throws  Error of the file system; what is taken back then stays in effect until the host restarts
 */
export async function noteSysctlsBefore(root: string, before: ReadonlyMap<string, string>): Promise<void> {
  const path = join(root, directory, fileName);
  const text = `${JSON.stringify(Object.fromEntries(before))}\n`;
  const known = await readTextIfExists(path);
  if (known === text || (known === undefined && before.size === 0)) return;
  await disk.makeDirectory(join(root, directory));
  await writeWhole(path, text, { mode: 0o600, durable: false });
}

function parsed(text: string): object {
  try {
    const content: unknown = JSON.parse(text);
    return typeof content === "object" && content !== null ? content : {};
  } catch (error) {
    // Ours is written whole, so it was damaged by somebody else; then no old value is known.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
