/**
 * The filter of system calls of containers that are not superpowered.
 *
 * @source  specification "containers" appendix A
 */
import content from "./seccomp.toml";

export interface Seccomp {
  readonly defaultAction: string;
  readonly architectures: readonly string[];
  readonly syscalls: readonly SyscallRule[];
}

interface SyscallRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly {
    readonly index: number;
    readonly value: number;
    readonly valueTwo?: number;
    readonly op: string;
  }[];
}

/** The machines that we run on, as the runtime names them. */
export type Architecture = "x64" | "arm64";

/** What seccomp.toml says. */
interface SystemCalls {
  readonly allowed: readonly string[];
  readonly personalities: readonly number[];
  readonly "clone-namespace-flags": number;
  readonly bootstrap: readonly string[];
  readonly architectures: Readonly<Record<Architecture, readonly string[]>>;
  readonly "by-architecture": Readonly<Record<Architecture, readonly string[]>>;
  readonly "by-capability": Readonly<Record<string, readonly string[]>>;
}

const profile: SystemCalls = content;

const ENOSYS = 38;

/**
 * @param capabilities  of the container
 * @param more          calls that are allowed beside those of everybody
 */
export function seccompFor(
  architecture: Architecture,
  capabilities: readonly string[],
  more: readonly string[] = [],
): Seccomp {
  const allow = (names: readonly string[]): SyscallRule => ({ names, action: "SCMP_ACT_ALLOW" });
  const byCapability = Object.entries(profile["by-capability"])
    .filter(([capability]) => capabilities.includes(capability))
    .map(([, names]) => allow(names));
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    architectures: profile.architectures[architecture],
    syscalls: [
      allow(profile.allowed),
      ...profile.personalities.map((value) => ({
        ...allow(["personality"]),
        args: [{ index: 0, value, op: "SCMP_CMP_EQ" }],
      })),
      allow(profile["by-architecture"][architecture]),
      ...byCapability,
      ...(capabilities.includes("CAP_SYS_ADMIN") ? [] : withoutNamespaces),
      ...(more.length === 0 ? [] : [allow(more)]),
    ],
  };
}

const withoutNamespaces: readonly SyscallRule[] = [
  {
    names: ["clone"],
    action: "SCMP_ACT_ALLOW",
    args: [{ index: 0, value: profile["clone-namespace-flags"], valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
  },
  { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS },
];

/** Beside everything else in a bootstrap container. */
export const bootstrapSyscalls: readonly string[] = profile.bootstrap;
