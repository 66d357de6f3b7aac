import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Preview } from "../settings/index.ts";
import { previewKeys } from "./preview.ts";
import { ExampleHost } from "./testing.ts";
import { applySettings } from "./turn.ts";

let example: ExampleHost;
let path: string;
beforeEach(async () => {
  example = await ExampleHost.make();
  path = join(example.directory, "etc/good");
});
afterEach(() => example.remove());

const good = { kind: "keys" as const, keys: ["settings.good"] };
const preview = (settings: object, keys = good.keys): Promise<Preview> =>
  previewKeys(example.host, keys, { settings });
const restart = { name: "good", "restart-commands": ["run good"] };

describe("a preview of changed settings", () => {
  test("shows a file that would be made, and touches neither it nor a service", async () => {
    expect(await preview({ motd: "new\n" })).toEqual({
      files: [
        {
          name: "good",
          path,
          change: "created",
          diff: `--- /dev/null\n+++ ${path}\n@@ -0,0 +1,1 @@\n+new\n`,
        },
      ],
      services: [restart],
      problems: [],
    });
    expect((await readdir(example.directory)).sort()).toEqual(["bad", "good"]);
    expect(example.ran).toEqual([]);
  });

  test("shows what would change in a file that is there", async () => {
    example.settings = { motd: "old\n" };
    await applySettings(example.host, good);
    expect((await preview({ motd: "new\n" })).files).toEqual([
      {
        name: "good",
        path,
        change: "changed",
        diff: `--- ${path}\n+++ ${path}\n@@ -1,1 +1,1 @@\n-old\n+new\n`,
      },
    ]);
    expect(await readFile(path, "utf8")).toBe("old\n");
  });

  test("leaves out what stays as it is, and its service", async () => {
    // A command that only restarts its unit, so that the decision is about the file.
    const call: ExampleHost["host"]["call"] = async (method, uri) => {
      const answer = await example.host.call(method, uri);
      return { ...answer, body: answer.body.replace("run good", "systemctl try-restart good.service") };
    };
    await applySettings({ ...example.host, call }, good);
    const same = await previewKeys({ ...example.host, call }, good.keys, { settings: example.settings });
    expect(same).toEqual({ files: [], services: [], problems: [] });
  });

  test("does not show a file that not everybody may read, be it by its definition or on the disk", async () => {
    example.modes.set("good", 0o600);
    expect((await preview({ motd: "new\n" })).files).toEqual([
      { name: "good", path, change: "created", diff: null },
    ]);
    example.modes.clear();
    await mkdir(join(example.directory, "etc"));
    await writeFile(path, "secret");
    await chmod(path, 0o640);
    expect((await preview({ motd: "new\n" })).files).toEqual([
      { name: "good", path, change: "changed", diff: null },
    ]);
  });

  test("has the failure of a file that cannot be rendered, and nothing else, as applying would stop", async () => {
    const { files, services, problems } = await preview({ motd: "new\n" }, ["settings.good", "settings.bad"]);
    expect([files, services]).toEqual([[], []]);
    expect(problems).toEqual([
      {
        code: "apply/not-rendered",
        text: expect.stringContaining(
          "The template bad cannot be rendered: undefined variable: settings.nope",
        ),
        hint: expect.any(String),
      },
    ]);
  });

  test("has a template that is not valid, or a path that cannot be read, as a problem", async () => {
    await example.template("good", "{% if %}");
    expect((await preview({ motd: "" })).problems.map(({ code }) => code)).toEqual([
      "apply/template-invalid",
    ]);
    await example.template("good", "{{ settings.motd }}");
    await mkdir(path, { recursive: true });
    expect((await preview({ motd: "" })).problems.map(({ code }) => code)).toEqual(["apply/not-compared"]);
  });

  test("shows a file that would be removed, as its setting is", async () => {
    await example.template("good", "{{ settings.good }}\n");
    example.settings = { good: "old" };
    await applySettings(example.host, good);
    expect(await preview({ motd: "" })).toEqual({
      files: [
        {
          name: "good",
          path,
          change: "removed",
          diff: `--- ${path}\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-old\n`,
        },
      ],
      services: [restart],
      problems: [],
    });
  });
});
