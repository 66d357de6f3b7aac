/** Everything that can stop the build environment, with what to do next. */
import { failuresOf } from "./failure.ts";

interface SdkFailures {
  "sdk/not-linux": { found: string };
  "sdk/no-privileges": { reason: string };
  "sdk/no-space": { directory: string; neededMiB: number; freeMiB: number };
  "sdk/tool-missing": { tools: readonly string[] };
  "sdk/cannot-install": { packages: readonly string[]; log: string };
  "sdk/bad-recipe": { file: string; problem: string };
  "sdk/not-made": { log: string; lastLines: string };
  "sdk/command-failed": { command: string; ended: string; output: string };
}

export const fail = failuresOf<SdkFailures>({
  "sdk/not-linux": {
    says: (f) => `The build environment needs Linux; this is ${f.found}`,
    hint: "Use a Debian 12 or 13 machine, or a virtual machine with one",
  },
  "sdk/no-privileges": {
    says: (f) => `Not root, and user namespaces cannot be used: ${f.reason}`,
    hint: "Run as root, or install uidmap, give this user a range in /etc/subuid and /etc/subgid, and set sysctl kernel.unprivileged_userns_clone=1",
  },
  "sdk/no-space": {
    says: (f) => `${f.directory} has ${f.freeMiB} MiB free; the build environment needs ${f.neededMiB} MiB`,
    hint: "Free some space, or set XDG_CACHE_HOME to a directory with more",
  },
  "sdk/tool-missing": {
    says: (f) => `Missing on this machine: ${f.tools.join(", ")}`,
    hint: (f) => `As root: apt-get install ${f.tools.map(packageOf).join(" ")}`,
  },
  "sdk/cannot-install": {
    says: (f) => `apt-get could not install ${f.packages.join(", ")}:\n${f.log}`,
    hint: "Check the machine's package sources and network, then run the command again",
  },
  "sdk/bad-recipe": {
    says: (f) => `${f.file}: ${f.problem}`,
    hint: "It holds suite, keyring and packages, all of them text or lists of text",
  },
  "sdk/not-made": {
    says: (f) => `mmdebstrap could not make the build environment:\n${f.lastLines}`,
    hint: (f) =>
      `The whole log is ${f.log}. PINWHEEL_MIRROR names another mirror of Debian, if the usual one cannot be reached`,
  },
  "sdk/command-failed": {
    says: (f) => `${f.command} ${f.ended}${f.output === "" ? "" : `:\n${f.output}`}`,
    hint: "The output above is all the command said; the same command runs by hand with bin/pinwheel sdk run",
  },
});

function packageOf(tool: string): string {
  return { unshare: "util-linux", chroot: "coreutils", newuidmap: "uidmap" }[tool] ?? tool;
}
