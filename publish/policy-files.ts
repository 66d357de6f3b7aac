/** Where the policies that come with the tool are. */
import { join, relative } from "node:path";

const directory = join(import.meta.dirname, "policies");

/** The file of a policy: one of ours by its name alone, or a file by its path. */
export function policyFile(name: string): string {
  const isName = /^[\w-]+$/.test(name);
  return isName ? relative(process.cwd(), join(directory, `${name}.toml`)) : name;
}
