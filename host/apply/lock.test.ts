import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withApplierLock } from "./lock.ts";

test("one applier works at a time, in this process and in others, and a killed one lets go", async () => {
  const directory = await mkdtemp(join(tmpdir(), "pinwheel-lock-"));
  const lock = JSON.stringify(join(import.meta.dir, "lock.ts"));
  const script = `const { withApplierLock } = await import(${lock});
    await withApplierLock(${JSON.stringify(directory)}, async () => { console.log("held"); await new Promise(() => setTimeout(() => {}, 600000)); });`;
  const holder = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "inherit" });
  try {
    const reader = holder.stdout.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("held\n");

    let working = 0;
    let mostAtOnce = 0;
    const work = async () => {
      working += 1;
      mostAtOnce = Math.max(mostAtOnce, working);
      await Bun.sleep(1);
      working -= 1;
    };
    const waiting = Promise.all([withApplierLock(directory, work), withApplierLock(directory, work)]);
    // The holder is alive, so nobody else gets in.
    const other = new Database(join(directory, "applier.lock"));
    expect(() => other.run("BEGIN EXCLUSIVE")).toThrow("database is locked");
    other.close();
    expect(mostAtOnce).toBe(0);
    holder.kill("SIGKILL");
    await waiting;
    expect(mostAtOnce).toBe(1);
  } finally {
    holder.kill("SIGKILL");
    await rm(directory, { recursive: true });
  }
});
