/** What the memory of a process is. */
import { readFile } from "node:fs/promises";

const POLL_MS = 50;
const REST_MS = 1000; // unchanged for this long counts as settled
const SETTLE_LIMIT_MS = 30_000; // a server that never rests is a failure of the benchmark, not a figure

/** Resident memory once it has stayed the same for a while. @throws Error when it never does */
export async function settledMb(pid: number): Promise<number> {
  const end = performance.now() + SETTLE_LIMIT_MS;
  let last = await memoryMb(pid, "VmRSS");
  let since = performance.now();
  while (performance.now() - since < REST_MS) {
    if (performance.now() > end) throw new Error(`the memory of process ${pid} did not come to rest`);
    await Bun.sleep(POLL_MS);
    const now = await memoryMb(pid, "VmRSS");
    if (now === last) continue;
    last = now;
    since = performance.now();
  }
  return last;
}

/** @returns MB of 10^6 bytes */
export async function memoryMb(pid: number, field: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return (Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) * 1024) / 1e6;
}
