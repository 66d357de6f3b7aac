/** For tests: programs as they are started. */
import { join } from "node:path";

const mainFile = join(import.meta.dir, "../main.ts");

/** Starts a program under its name, and waits for its end. */
export async function start(
  ...command: string[]
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const child = Bun.spawn([process.execPath, mainFile, ...command], { stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { exitCode: await child.exited, stdout, stderr };
}
