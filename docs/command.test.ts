/** `bin/pinwheel settings …` as people and scripts start it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import Ajv2020 from "ajv/dist/2020.js";

const top = join(import.meta.dirname, "..");
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "pinwheel-settings-"));
});
afterAll(() => rm(directory, { recursive: true }));

function settings(args: readonly string[], stdin: string | Uint8Array = "") {
  const { exitCode, stdout, stderr } = Bun.spawnSync([join(top, "bin/pinwheel"), "settings", ...args], {
    stdin: Buffer.from(stdin),
    cwd: directory,
  });
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
}

describe("settings validate", () => {
  const metal = ["validate", "--variant", "metal-dev"];
  test("exits with 0 and one line for what is right, from standard input too, compressed too", () => {
    const right = { exitCode: 0, stdout: "stdin: 1 setting is right for metal-dev\n", stderr: "" };
    expect(settings([...metal, "-"], 'settings.motd = "hi"\n')).toEqual(right);
    expect(settings([...metal, "-"], gzipSync('settings.motd = "hi"\n'))).toEqual(right);
  });
  test("exits with 1 when one of several files is wrong, and tells of all of them", async () => {
    await writeFile(join(directory, "wrong.toml"), "settings.motd = 5\n");
    await writeFile(join(directory, "right.toml"), 'settings.motd = "hi"\n');
    expect(settings([...metal, "wrong.toml", "right.toml"])).toEqual({
      exitCode: 1,
      stdout:
        "wrong.toml:1:17: settings.motd: found the integer 5; accepted: a string\n" +
        "wrong.toml: 1 problem; metal-dev would use nothing of it\n" +
        "right.toml: 1 setting is right for metal-dev\n",
      stderr: "",
    });
  });
  test("says which file cannot be read", () => {
    const { exitCode, stderr } = settings([...metal, "nowhere.toml"]);
    expect(exitCode).toBe(1);
    expect(stderr).toStartWith("error: nowhere.toml cannot be read: ENOENT");
  });
});

describe("settings schema", () => {
  test("is a JSON Schema by which documents can be checked", () => {
    const { exitCode, stdout } = settings(["schema", "--variant", "metal-dev"]);
    expect(exitCode).toBe(0);
    const isRight = new Ajv2020({ strict: false }).compile(JSON.parse(stdout));
    expect(isRight({ motd: "hi", ntp: { "time-servers": ["192.0.2.1"] } })).toBe(true);
    expect(isRight({ motd: 5 })).toBe(false);
    expect(isRight({ kubernetes: {} })).toBe(false);
  });
});

describe("settings explain", () => {
  test("tells of one variant or of all", () => {
    const all = settings(["explain", "kernel.lockdown"]);
    expect(all.stdout).toStartWith("settings.kernel.lockdown\n");
    expect(settings(["explain", "kernel.lockdown", "--variant", "metal-dev"]).stdout).toContain(
      'Default   "none"\n',
    );
  });
  test("exits with 1 and the nearest name when there is no such key", () => {
    expect(settings(["explain", "kernel.lockdwn"])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('unknown name "lockdwn" (did you mean "lockdown"?)'),
    });
  });
});

describe("settings docs", () => {
  test("says which page to open, and leaves the committed text alone when told where the pages go", async () => {
    const text = Bun.file(join(top, "docs/settings.md"));
    const before = text.lastModified;
    const { exitCode, stdout } = settings(["docs", "--out", "pages"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "pages/index.html\n" });
    expect(Bun.file(join(top, "docs/settings.md")).lastModified).toBe(before);
  });
});
