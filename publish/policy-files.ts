/** Where the policies that come with the tool are, and how policies are read. */
import { join, relative } from "node:path";
import { type ExpirationPolicy, parseExpirationPolicy } from "./expiration-policy.ts";
import { readText } from "./toml-file.ts";
import { type PolicyWave, parseWavePolicy } from "./wave-policy.ts";

const directory = join(import.meta.dirname, "policies");

/** The file of a policy: one of ours by its name alone, or a file by its path. */
function policyFile(name: string): string {
  const isName = /^[\w-]+$/.test(name);
  return isName ? relative(process.cwd(), join(directory, `${name}.toml`)) : name;
}

/** The wave policy of a file or name. */
export async function readWavePolicy(name: string): Promise<readonly PolicyWave[]> {
  const file = policyFile(name);
  return parseWavePolicy(file, await readText("wave policy", file));
}

/** The expiration policy of a file or name. */
export async function readExpirationPolicy(name: string): Promise<ExpirationPolicy> {
  const file = policyFile(name);
  return parseExpirationPolicy(file, await readText("expiration policy", file));
}
