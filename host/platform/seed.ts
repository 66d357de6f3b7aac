/** A host's place in the update waves. What answers to `bork` is decided here. */

import { randomInt } from "node:crypto";

/** Uniformly random, 0 to 2047 (specification "platform" 4.5). */
export function randomSeed(): number {
  return randomInt(2048);
}
