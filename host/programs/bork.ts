/** bork: generator of settings.updates.seed (specification "platform" 4.5). Arguments are ignored. */
import { randomSeed } from "../platform/seed.ts";

/** @returns 0 */
export async function main(): Promise<number> {
  process.stdout.write(`${randomSeed()}\n`);
  return 0;
}
