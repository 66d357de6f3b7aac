/** How the programs of the API's flow take their words, right and wrong ones (specification "api" 1, 9 to 12). */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { rm, symlink } from "node:fs/promises";
import { TestRoot } from "./support/root.ts";

/** Programs with the words that each needs beside its options. */
const flow: readonly (readonly [name: string, ...words: string[]])[] = [
  ["settings-committer"],
  ["sundog"],
  ["thar-be-settings", "--all"],
  ["early-boot-config"],
  ["corndog", "sysctl"],
  ["corndog", "lockdown"],
];
const strict = ["netdog", "prairiedog"];
const generators = ["bork", "schnauzer"];

let root: TestRoot;
beforeAll(async () => {
  root = await TestRoot.make();
  await rm(root.at("usr/bin/thar-be-settings"));
  const programs = new Set([...strict, ...flow.map(([name]) => name), ...generators]);
  for (const name of programs) await symlink("pinwheel-host", root.at("usr/bin", name));
}, 300_000);
afterAll(() => root?.remove());

const run = (name: string, ...args: string[]) => root.run([`/usr/bin/${name}`, ...args]);

describe("the programs of the API's flow", () => {
  const wrong: [args: string[], says: string][] = [
    [["--frob"], "unknown option --frob"],
    [["--socket-path"], "option --socket-path needs a value"],
    [["--log-level"], "option --log-level needs a value"],
    [["--log-level", "loud"], '--log-level is "loud"; accepted: off, error, warn, info, debug, trace'],
    [["frobnicate"], 'unknown argument "frobnicate"'],
  ];
  for (const [name, ...words] of flow) {
    const program = [name, ...words].join(" ");
    for (const [args, says] of wrong) {
      it(`api 1: ${program} ${args.join(" ")} is told what is wrong, with usage, and ends with 2`, async () => {
        const ended = await run(name, ...words, ...args);
        expect(ended).toMatchObject({ exitCode: 2, stdout: "" });
        expect(ended.stderr).toContain(`${name}: ${says}`);
        expect(ended.stderr).toContain(`Usage: ${name}`);
      });
    }

    it(`${program} --help prints its usage on stdout`, async () => {
      const ended = await run(name, ...words, "--help");
      expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
      expect(ended.stdout).toContain(`Usage: ${name}`);
    });
  }

  for (const [name, ...words] of flow.filter(([name]) => name !== "early-boot-config")) {
    it(`api 1: ${name} ${words.join(" ")} ends with 1 and one line that names the socket when nobody serves it; levels in capitals too`, async () => {
      const ended = await run(name, ...words, "--socket-path=/run/none.sock", "--log-level", "ERROR");
      expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
      expect(ended.stderr).toMatch(/^\d\d:\d\d:\d\d \[ERROR\] [^\n]*\/run\/none\.sock[^\n]*\n/);
      expect(ended.stderr).not.toMatch(/^ {4}at /m);
    });

    it(`api 1: ${name} ${words.join(" ")} says nothing at level off`, async () => {
      const ended = await run(name, ...words, "--socket-path", "/run/none.sock", "--log-level", "off");
      expect(ended).toMatchObject({ exitCode: 1, stdout: "", stderr: "" });
    });
  }

  it("api 12: corndog needs one of its commands", async () => {
    const ended = await run("corndog");
    expect(ended).toMatchObject({ exitCode: 2, stdout: "" });
    expect(ended.stderr).toContain("corndog: a command is missing");
  });
});

describe("the strict programs", () => {
  for (const name of strict) {
    it(`api 1: ${name} --help prints its usage on stdout and ends with 0`, async () => {
      const ended = await run(name, "--help");
      expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
      expect(ended.stdout).toContain(`Usage: ${name}`);
    });
  }
});

describe("generators", () => {
  for (const args of [["seed"], [], ["--frob", "x"]]) {
    it(`api 12: bork ${args.join(" ")} prints a number from 0 to 2047, whatever its words`, async () => {
      const ended = await run("bork", ...args);
      expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
      expect(ended.stdout).toMatch(/^\d{1,4}\n$/);
      expect(Number(ended.stdout)).toBeLessThan(2048);
    });
  }

  for (const args of [[], ["-h"], ["--help"]]) {
    it(`api 12: schnauzer ${args.join(" ")} explains itself and ends with 2, which means no value`, async () => {
      const ended = await run("schnauzer", ...args);
      expect(ended).toMatchObject({ exitCode: 2, stdout: "" });
      expect(ended.stderr).toContain("Usage: schnauzer KEY");
    });
  }

  it("api 12: schnauzer ends with 1 when nobody serves the API", async () => {
    const ended = await run("schnauzer", "settings.updates.metadata-base-url");
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ended.stderr).toStartWith("schnauzer: ");
  });
});
