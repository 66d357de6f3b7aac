import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandUnderLock, holdsLock, inheritedDescriptor, isLocked, LOCK_TAKEN } from "./file-lock.ts";

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lock-"));
  path = join(directory, "a.lock");
});
afterEach(() => rm(directory, { recursive: true }));

/** Runs `cat` with the lock, until its input ends. */
async function hold(): Promise<() => Promise<void>> {
  const command = commandUnderLock(path, ["/bin/sh", "-c", "echo held; exec cat"]);
  const child = Bun.spawn([...command], { stdin: "pipe", stdout: "pipe" });
  await child.stdout.getReader().read();
  return async () => {
    child.stdin.end();
    await child.exited;
  };
}

describe("a lock on a file", () => {
  it("is held by the command until that ends, and no second command runs meanwhile", async () => {
    expect(await isLocked(path)).toBe(false);
    const letGo = await hold();
    expect(await isLocked(path)).toBe(true);
    const second = Bun.spawn([...commandUnderLock(path, ["/bin/true"])]);
    expect(await second.exited).toBe(LOCK_TAKEN);
    await letGo();
    expect(await isLocked(path)).toBe(false);
    expect(await Bun.spawn([...commandUnderLock(path, ["/bin/false"])]).exited).toBe(1);
  });

  it("stays with what the command has started, once that is gone", async () => {
    const script = "exec 9<&0; (echo held; exec cat) <&9 & exit 0";
    const command = commandUnderLock(path, ["/bin/sh", "-c", script]);
    const child = Bun.spawn([...command], { stdin: "pipe", stdout: "pipe" });
    await child.stdout.getReader().read();
    expect(await child.exited).toBe(0);
    expect(await Bun.spawn([...commandUnderLock(path, ["/bin/true"])]).exited).toBe(LOCK_TAKEN);
    child.stdin.end();
  });

  it("is found among the descriptors of the process that has inherited it", async () => {
    const program = join(directory, "program.ts");
    const module = join(import.meta.dirname, "file-lock.ts");
    await writeFile(
      program,
      `import { inheritedDescriptor } from ${JSON.stringify(module)};
console.log(await inheritedDescriptor(process.argv[2]!), await inheritedDescriptor(import.meta.path));`,
    );
    const command = commandUnderLock(path, [process.execPath, program, path]);
    const printed = await new Response(Bun.spawn([...command]).stdout).text();
    expect(printed).toMatch(/^\d+ undefined\n$/);
    await writeFile(path, "");
    expect(await inheritedDescriptor(path)).toBeUndefined();
  });
});

describe("the kernel's list of locks", () => {
  const file = { dev: 65024n, ino: 42n }; // fe:00
  const table: readonly [what: string, line: string, holds: boolean][] = [
    ["an exclusive lock", "3: FLOCK  ADVISORY  WRITE 16270 fe:00:42 0 EOF", true],
    ["a shared one", "3: FLOCK  ADVISORY  READ 16270 fe:00:42 0 EOF", false],
    ["one of another kind", "3: POSIX  ADVISORY  WRITE 16270 fe:00:42 0 EOF", false],
    ["one on another file", "3: FLOCK  ADVISORY  WRITE 16270 fe:00:142 0 EOF", false],
    ["one on another disk", "3: FLOCK  ADVISORY  WRITE 16270 fe:01:42 0 EOF", false],
    ["somebody who waits for one", "3: -> FLOCK  ADVISORY  WRITE 16270 fe:00:42 0 EOF", false],
    ["nothing", "", false],
  ];
  for (const [what, line, holds] of table) {
    it(`${holds ? "holds" : "does not hold"} the file with ${what}`, () => {
      expect(holdsLock(`1: OFDLCK ADVISORY  READ -1 fe:00:7 100 101\n${line}\n`, file)).toBe(holds);
    });
  }
});
