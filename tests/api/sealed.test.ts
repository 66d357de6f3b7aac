import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { writeFile } from "node:fs/promises";
import { TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";

let root: TestRoot;
let server: RunningServer;
beforeAll(async () => {
  root = await TestRoot.make();
  server = await RunningServer.start(root);
  const foreign = 'console.log("foreign code ran"); require("node:fs").writeFileSync("/tmp/ran", "");';
  await writeFile(root.at("tmp/foreign.js"), foreign);
  await writeFile(
    root.at("tmp/bunfig.toml"),
    'preload = ["/tmp/foreign.js"]\n[run]\npreload = ["/tmp/foreign.js"]\n',
  );
  await writeFile(root.at("tmp/.env"), "BUN_BE_BUN=1\nBUN_OPTIONS=--preload=/tmp/foreign.js\n");
  await writeFile(
    root.at("tmp/package.json"),
    '{"scripts":{"raw":"bun /tmp/foreign.js"},"main":"/tmp/foreign.js"}',
  );
  await writeFile(root.at("tmp/tsconfig.json"), '{"compilerOptions":{"jsxImportSource":"/tmp/foreign.js"}}');
}, 300_000);
afterAll(async () => {
  await server?.end();
  await root?.remove();
});

describe("no program becomes an interpreter", () => {
  const environments: Record<string, string>[] = [
    { BUN_BE_BUN: "1" },
    { BUN_OPTIONS: "--preload=/tmp/foreign.js" },
    { BUN_OPTIONS: "--preload /tmp/foreign.js" },
    { BUN_BE_BUN: "1", BUN_OPTIONS: "-e 'console.log(\"foreign code ran\")'" },
    { NODE_OPTIONS: "--require /tmp/foreign.js" },
    { NODE_OPTIONS: "--import /tmp/foreign.js" },
    { BUN_INSPECT_PRELOAD: "/tmp/foreign.js" },
    { BUN_INSPECT: "unix:///run/inspect.sock?wait=0" },
    { BUN_INSPECT_NOTIFY: "unix:///run/notify.sock" },
    { BUN_PRELOAD: "/tmp/foreign.js" },
    { BUN_CONFIG_FILE: "/tmp/bunfig.toml", XDG_CONFIG_HOME: "/tmp", HOME: "/tmp" },
  ];
  for (const env of environments) {
    for (const command of [
      ["/usr/bin/apiclient", "raw", "-u", "/tx"],
      ["/usr/bin/apiclient", "/tmp/foreign.js"],
      ["/usr/bin/apiclient", "run", "/tmp/foreign.js"],
      ["/usr/bin/apiclient", "-e", 'console.log("foreign code ran")'],
      ["/usr/bin/pinwheel-host", "/tmp/foreign.js"],
      ["/usr/bin/apiserver", "/tmp/foreign.js"],
    ]) {
      it(`${JSON.stringify(env)} ${command.join(" ")}`, async () => {
        const ended = await root.run(command, { env, cwd: "/tmp" });
        expect(ended.stdout + ended.stderr).not.toContain("foreign code ran\n");
        expect(await root.text("tmp/ran")).toBe("");
        if (command.includes("/tx")) expect(ended).toMatchObject({ exitCode: 0, stdout: "{}\n" });
        else expect(ended.exitCode).toBe(2);
      });
    }
  }
});

describe("the host executable", () => {
  it("lists its programs when it is asked for one that it has not", async () => {
    const ended = await root.run(["/usr/bin/pinwheel-host", "nonesuch"]);
    expect(ended).toMatchObject({ exitCode: 2, stdout: "" });
    expect(ended.stderr).toContain('pinwheel-host: there is no program "nonesuch"');
    expect(ended.stderr).toMatch(/\nNames: .*apiclient, apiserver, /);
  });

  it("runs a program named as its first argument", async () => {
    const ended = await root.run(["/usr/bin/pinwheel-host", "apiclient", "raw", "-u", "/tx"]);
    expect(ended).toMatchObject({ exitCode: 0, stdout: "{}\n" });
  });
});
