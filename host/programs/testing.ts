/** For tests: programs as they are started. */
import { spyOn } from "bun:test";
import { join } from "node:path";

const mainFile = join(import.meta.dir, "../main.ts");

/** How a program ended, and what it printed. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a program under its name, and waits for its end. */
export async function start(...command: string[]): Promise<Ended> {
  const child = Bun.spawn([process.execPath, mainFile, ...command], { stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { exitCode: await child.exited, stdout, stderr };
}

/** Runs a program's `main` in this process. Nothing else may print meanwhile. */
export async function printedBy(main: () => Promise<number>): Promise<Ended> {
  const printed = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    spyOn(process[name], "write").mockImplementation((text) => {
      printed[name] += String(text);
      return true;
    }),
  );
  try {
    return { exitCode: await main(), ...printed };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
