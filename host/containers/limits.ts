/** What a container may use of the host at most. Decides only. */
import { memoryBytes, milliCpus } from "../settings/quantities.ts";

/** Nothing is limited that is undefined. */
export interface Limits {
  readonly memoryBytes: number | undefined;
  readonly milliCpus: number | undefined;
  /** Processes and threads. */
  readonly pids: number | undefined;
}

/** By the names of the settings and of the flags of host-ctr. */
export const limitNames = ["memory", "cpu", "pids"] as const;
export type LimitName = (typeof limitNames)[number];

/** As they are written in the settings; what is not limited is left out. */
export type LimitTexts = Readonly<Partial<Record<LimitName, string>>>;

/** Reads limits, or names the first one that is none. */
export function readLimits({ memory, cpu, pids }: LimitTexts): Limits | { readonly wrong: LimitName } {
  const limits = {
    memoryBytes: memory === undefined ? undefined : memoryBytes(memory),
    milliCpus: cpu === undefined ? undefined : milliCpus(cpu),
    pids: pids !== undefined && /^[1-9][0-9]{0,6}$/.test(pids) ? Number(pids) : undefined,
  };
  if (memory !== undefined && limits.memoryBytes === undefined) return { wrong: "memory" };
  if (cpu !== undefined && limits.milliCpus === undefined) return { wrong: "cpu" };
  if (pids !== undefined && limits.pids === undefined) return { wrong: "pids" };
  return limits;
}

/** The lines of a unit's environment file, each with its end. */
export function limitLines(limits: LimitTexts): string {
  return limitNames
    .map((name) => (limits[name] === undefined ? "" : `CTR_${name.toUpperCase()}=${limits[name]}\n`))
    .join("");
}

/** As the OCI runtime specification has them. */
export interface LimitedResources {
  readonly memory?: { readonly limit: number; readonly swap: number };
  readonly cpu?: { readonly quota: number; readonly period: number };
  readonly pids?: { readonly limit: number };
}

const periodUs = 100_000; // the kernel's own

export function limitedResources({ memoryBytes, milliCpus, pids }: Limits): LimitedResources {
  return {
    // Memory and swap together are no more than the memory: a container over its limit is to end, not to be slow.
    ...(memoryBytes === undefined ? {} : { memory: { limit: memoryBytes, swap: memoryBytes } }),
    ...(milliCpus === undefined ? {} : { cpu: { quota: (milliCpus * periodUs) / 1000, period: periodUs } }),
    ...(pids === undefined ? {} : { pids: { limit: pids } }),
  };
}
