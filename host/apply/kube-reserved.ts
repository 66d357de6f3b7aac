/** What is kept from pods for the kubelet and the container runtime (specification "rendered-config" 3.1). */

import { kindOf } from "./kinds.ts";

const reservedOfFirstCpus = [0, 60, 70, 75, 80]; // millicores, for 0 to 4 CPUs
const greatestCpuCount = 65_535;

/**
 * What is set, or else what suits a host with so many CPUs.
 *
 * @throws  Error if what is set is no text or number, or the count no number of CPUs
 */
export function reservedCpu(value: unknown, cpuCount: unknown): string | number {
  if (isAmount(value)) return value;
  if (!isCount(cpuCount) || cpuCount > greatestCpuCount)
    throw new Error(`needs a count of CPUs up to ${greatestCpuCount}, and found ${JSON.stringify(cpuCount)}`);
  return `${reservedOfFirstCpus[cpuCount] ?? Math.floor(80 + 2.5 * (cpuCount - 4))}m`;
}

/**
 * What is set, or else what suits a host with so many pods.
 *
 * @throws  Error if what is set is no text or number, or the count no number of pods
 */
export function reservedMemory(value: unknown, podCount: unknown): string | number {
  if (!isCount(podCount)) throw new Error(`needs a count of pods, and found ${JSON.stringify(podCount)}`);
  return isAmount(value) ? value : `${11 * podCount + 255}Mi`;
}

function isAmount(value: unknown): value is string | number {
  if (typeof value === "string" || typeof value === "number") return true;
  if (value === undefined || value === null) return false;
  throw new Error(`needs a text or a number, and found ${kindOf(value)}`);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
