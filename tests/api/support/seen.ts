/** What the tests of a level leave for those that run afterwards: the answers that the real server has given. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";

/** Names the file, a line each; set by whoever runs the whole level. */
export const seenVariable = "PINWHEEL_API_SEEN";

const kept = new Set<string>();

/** Keeps that an answer was seen. */
export function keepSeen(answer: string): void {
  const file = process.env[seenVariable];
  if (file === undefined || kept.has(answer)) return;
  kept.add(answer);
  appendFileSync(file, `${answer}\n`);
}

/** All answers that were seen; undefined where only a part of the level is run. */
export function readSeen(): ReadonlySet<string> | undefined {
  const file = process.env[seenVariable];
  if (file === undefined || !existsSync(file)) return undefined;
  return new Set(readFileSync(file, "utf8").split("\n"));
}
