import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, readdir, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ExampleHost } from "./testing.ts";
import { applySettings } from "./turn.ts";

let example: ExampleHost;
const file = (name: string) => join(example.directory, "etc", name);
beforeEach(async () => {
  example = await ExampleHost.make();
});
afterEach(() => example.remove());

const keys = (...names: string[]) => ({ kind: "keys" as const, keys: names });

describe("rendered-config 1.2, better than the reference: a file on the disk", () => {
  test("is replaced whole: a reader that has it open keeps the old content, and nothing half is left", async () => {
    await applySettings(example.host, keys("settings.good"));
    const before = await stat(file("good"));
    example.settings = { motd: "other" };
    await applySettings(example.host, keys("settings.good"));
    expect((await stat(file("good"))).ino).not.toBe(before.ino);
    expect(await readdir(join(example.directory, "etc"))).toEqual(["good"]);
  });

  test("is not written if it is as it should be, and its unit is not restarted", async () => {
    const call: ExampleHost["host"]["call"] = async (method, uri) => {
      const answer = await example.host.call(method, uri);
      return { ...answer, body: answer.body.replace("run good", "systemctl try-restart good.service") };
    };
    const host = { ...example.host, call };
    expect((await applySettings(host, keys("settings.good"))).writtenPaths).toEqual([file("good")]);
    const longAgo = new Date(0);
    await utimes(file("good"), longAgo, longAgo);
    expect(await applySettings(host, keys("settings.good"))).toMatchObject({
      writtenPaths: [],
      restarts: [],
    });
    expect((await stat(file("good"))).mtimeMs).toBe(0);
    expect(example.ran).toEqual(["systemctl try-restart good.service|settings.good"]);
  });
});

describe("a file that needs a setting which is removed", () => {
  beforeEach(async () => {
    await example.template("token", "{{ settings.token.value }}");
    example.settings = { motd: "hello", token: { value: "t" } };
    await applySettings(example.host, keys("settings.token.value"));
    expect(existsSync(file("token"))).toBe(true);
    example.ran.length = 0;
    example.settings = { motd: "hello" };
  });

  test("goes with it, and its service is told, as after a boot with these settings", async () => {
    const result = await applySettings(example.host, keys("settings.token.value"));
    expect(result).toMatchObject({ failures: [], writtenPaths: [], removedPaths: [file("token")] });
    expect(example.ran).toEqual(["run token|settings.token.value"]);
    expect(existsSync(file("token"))).toBe(false);
    expect(await applySettings(example.host, keys("settings.token.value"))).toMatchObject({
      failures: [],
      removedPaths: [],
    });
  });

  for (const template of [
    "{% for c in settings.token.value %}{{ c }}{% endfor %}",
    "{% if settings.motd %}{{ settings.token.value | size }}{% endif %}",
  ]) {
    test(`goes whatever tag needs the setting: ${template}`, async () => {
      await example.template("token", template);
      const result = await applySettings(example.host, keys("settings.token.value"));
      expect(result).toMatchObject({ failures: [], removedPaths: [file("token")] });
    });
  }

  test("does not keep files of the same change from being written", async () => {
    example.settings = { motd: "new" };
    const result = await applySettings(example.host, keys("settings.good", "settings.token.value"));
    expect(result).toMatchObject({ writtenPaths: [file("good")], removedPaths: [file("token")] });
  });

  test("stays when another change cannot be rendered: then nothing is touched", async () => {
    const result = await applySettings(example.host, keys("settings.bad", "settings.token.value"));
    expect(result).toMatchObject({ stopped: true, removedPaths: [] });
    expect(existsSync(file("token"))).toBe(true);
  });

  test("stays in all mode, which leaves alone what it cannot render (api 11.2)", async () => {
    const { warnings } = await applySettings(example.host, { kind: "all" });
    expect(warnings.map(({ code }) => code)).toEqual(["apply/not-rendered"]);
    expect(existsSync(file("token"))).toBe(true);
  });

  test("is told as a failure if it cannot be removed", async () => {
    await applySettings(example.host, keys("settings.token.value"));
    await mkdir(file("token"));
    await writeFile(join(file("token"), "inside"), "");
    const { failures } = await applySettings(example.host, keys("settings.token.value"));
    expect(failures.map(({ code }) => code)).toEqual(["apply/not-written"]);
  });
});
