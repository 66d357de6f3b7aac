/** What the applier finds out of the host before it renders: only what a template asks. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { log } from "../linux/log.ts";
import { type ApplyHost, applyRequest } from "./apply.ts";
import type { FileRules } from "./files.ts";

let directory: string;
let asked: string[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "pinwheel-facts-"));
  asked = [];
});
afterEach(() => rm(directory, { recursive: true }));

/** A host with one service and its file, made from a template with this text. */
async function apply(
  template: string,
  rules: FileRules = new Map([["a", { format: "text", mode: undefined }]]),
) {
  await writeFile(join(directory, "a"), template);
  const answers: Readonly<Record<string, object>> = {
    "/services": { a: { "configuration-files": ["a"], "restart-commands": [] } },
    "/configuration-files": { a: { path: join(directory, "out"), "template-path": join(directory, "a") } },
    "/": { settings: { network: { hostname: "n1" } } },
  };
  const host: ApplyHost = {
    call: async (_, uri) => ({ status: 200, body: JSON.stringify(answers[uri]) }),
    runtimeDirectory: directory,
    runCommand: async () => {},
    daemonReload: async () => {},
    resolves: async (name) => {
      asked.push(`resolver: ${name}`);
      return true;
    },
    cpuCount: async () => {
      asked.push("CPUs");
      return 48;
    },
    fileRules: async () => rules,
    log: log("test", "off"),
  };
  const { failures, warnings } = await applyRequest(host, { kind: "all" });
  expect([...failures, ...warnings]).toEqual([]);
  return readFile(join(directory, "out"), "utf8");
}

describe("the applier", () => {
  test("asks neither resolver nor CPUs for a template that needs none of them", async () => {
    expect(await apply("{{ settings.network.hostname }}")).toBe("n1");
    expect(asked).toEqual([]);
  });
  test("counts the CPUs for a template that needs their number", async () => {
    expect(await apply("{{ settings.network.cpu | default: 0 }} {{ facts.cpu-count }}")).toBe("0 48");
    expect(asked).toEqual(["CPUs"]);
  });
  test("asks the resolver for a template that needs to know the hostname's answer", async () => {
    expect(await apply("{% if facts.hostname-resolves %}yes{% endif %}")).toBe("yes");
    expect(asked).toEqual(["resolver: n1"]);
  });
  test("writes each file in the format that the variant says, and no file that the variant does not have", async () => {
    const rules: FileRules = new Map([["a", { format: "toml", mode: undefined }]]);
    expect(await apply("a = {{ settings.network.hostname }}", rules)).toBe('a = "n1"');
    expect(apply("a", new Map())).rejects.toThrow(
      "The API names a configuration file a that this system's variant does not have",
    );
  });
});
