/**
 * The record of what each service was last restarted with. It lies below /run: it speaks of running services,
 * and ends with them at a reboot. A lost record only means restarts that were not needed.
 */

import { join } from "node:path";
import { readTextIfExists, writeWhole } from "../linux/files.ts";
import type { Applied } from "./plan.ts";

const fileName = "applied.json";

/** The record; empty if there is none or it cannot be understood. */
export async function readApplied(directory: string): Promise<Applied> {
  const text = await readTextIfExists(join(directory, fileName));
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    if (typeof value !== "object" || value === null) return new Map();
    return new Map(
      Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
    );
  } catch {
    // SyntaxError: somebody has edited it. Unknown means "restart", which is always right.
    return new Map();
  }
}

export async function writeApplied(directory: string, applied: Applied): Promise<void> {
  await writeWhole(join(directory, fileName), JSON.stringify(Object.fromEntries(applied)), {
    durable: false,
  });
}
