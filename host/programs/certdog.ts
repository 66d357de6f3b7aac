/** certdog: the certificates that this host trusts (specification "rendered-config" 10.2, "platform" 9). */
import { tell } from "../platform/remarks.ts";
import { trustedStoreOf, updateTrustedStore } from "../platform/trust/index.ts";
import { apiOf, runProgram, socketOption } from "./program.ts";
import { readMember } from "./settings-member.ts";

const defaults = trustedStoreOf("/");

const storeOption = {
  name: "--trusted-store",
  short: "-t",
  value: "PATH",
  about: `the bundle that is written (default ${defaults.store})`,
} as const;

const sourceOption = {
  name: "--source-bundle",
  short: "-b",
  value: "PATH",
  about: `the bundle that the image trusts (default ${defaults.source})`,
} as const;

const shape = {
  name: "certdog",
  about: "Adds the certificates of settings.pki to the trusted ones, and takes away what it does not trust.",
  commandLine: "subcommand",
  options: [socketOption, storeOption, sourceOption],
} as const;

/** @returns 0; 1 for a failure, which leaves the store as it was, and for a wrong command line */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(shape, args, async (given, say) => {
    const pki = await readMember(apiOf(given).socketPath, "pki");
    const store = given.value(storeOption.name) ?? defaults.store;
    const source = given.value(sourceOption.name) ?? defaults.source;
    tell(say, await updateTrustedStore({ store, source }, pki));
    return 0;
  });
}
