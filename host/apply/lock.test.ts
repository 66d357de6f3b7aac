import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asNextInLine, withApplierLock } from "./lock.ts";

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

test("one waits in the line, who comes later goes; the place is free before the waiting one looks for work", async () => {
  const directory = await mkdtemp(join(tmpdir(), "pinwheel-lock-"));
  const place = join(directory, "applier-waiting.lock");
  try {
    const busy = Promise.withResolvers<void>();
    const running = withApplierLock(directory, () => busy.promise);
    const begun = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const waiting = asNextInLine(directory, async () => {
      begun.resolve();
      await finish.promise;
      return "waited";
    });
    await untilHeld(place);
    expect(await asNextInLine(directory, async () => "too late")).toBeUndefined();
    busy.resolve();
    await running;
    await begun.promise;
    const next = asNextInLine(directory, async () => "next");
    await untilHeld(place);
    expect(await asNextInLine(directory, async () => "too late")).toBeUndefined();
    finish.resolve();
    expect(await Promise.all([waiting, next])).toEqual(["waited", "next"]);
  } finally {
    await rm(directory, { recursive: true });
  }
});

/** Waits until somebody holds this lock, asked of the kernel: to try it would be to take it. */
async function untilHeld(path: string): Promise<void> {
  for (;;) {
    const inode = await stat(path).then(
      ({ ino }) => ino,
      () => undefined, // not made yet
    );
    if (inode !== undefined && (await readFile("/proc/locks", "utf8")).includes(`:${inode} `)) return;
    await Bun.sleep(1);
  }
}
