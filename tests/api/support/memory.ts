/** The memory of a running program. */
import { readFile } from "node:fs/promises";

const POLL_MS = 50;
const REST_MS = 1000; // unchanged for this long counts as settled
const SETTLE_LIMIT_MS = 30_000; // a server that never rests is a failure of the measurement, not a figure

/** @returns MB of 10^6 bytes: what is resident now, or the most that ever was */
export async function memoryMb(pid: number, field: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return (Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) * 1024) / 1e6;
}

/** @returns resident MB once it has stopped changing */
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
