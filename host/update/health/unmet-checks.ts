/** What the checks of this boot missed, for whoever asks how the host is. It ends with the boot. Acts. */
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readTextIfExists, writeWhole } from "../../linux/files.ts";

const FILE = "run/pinwheel/unmet-checks.json";

/** Keeps what did not hold; nothing when everything did. */
export async function keepUnmetChecks(root: string, unmet: readonly string[]): Promise<void> {
  const path = join(root, FILE);
  if (unmet.length === 0) return rm(path, { force: true });
  await mkdir(dirname(path), { recursive: true });
  // It may quote what containers print, so it is read through the API, which asks who you are.
  await writeWhole(path, JSON.stringify(unmet), { mode: 0o600, durable: false });
}

/** What the checks of this boot missed, each as a clause. */
export async function unmetChecks(root: string): Promise<readonly string[]> {
  const text = await readTextIfExists(join(root, FILE));
  try {
    const value: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
  } catch (error) {
    // Somebody has edited it; what else is known of the host is worth more than this.
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
