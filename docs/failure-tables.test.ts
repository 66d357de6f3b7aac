import { describe, expect, test } from "bun:test";
import { failurePage } from "./failure-page.ts";
import { readFailures } from "./failure-tables.ts";

const { host, tool } = await readFailures();

describe("the failures of all rooms", () => {
  test("are found, each once, with the names of their facts", () => {
    expect(host.find(({ code }) => code === "settings/no-such-variant")).toEqual({
      code: "settings/no-such-variant",
      says: 'There is no variant "‹variant›" in ‹directory›, only ‹known›',
      hint: "Use one of the folders in variants/ that have a variant.toml",
    });
    expect(tool.find(({ code }) => code === "sdk/no-space")?.says).toBe(
      "‹directory› has ‹free MiB› MiB free; the build environment needs ‹needed MiB› MiB",
    );
    const codes = [...host, ...tool].map(({ code }) => code);
    expect(codes).toEqual([...new Set(codes)]);
    expect(codes).toContain("docs/unknown-key");
  });
  for (const { code, says, hint } of [...host, ...tool]) {
    test(`${code} has a sentence and a next step without holes`, () => {
      expect(says).not.toMatch(/undefined|\[object|NaN|^\s*$/);
      expect(hint).not.toMatch(/undefined|\[object|NaN|^\s*$/);
    });
  }
  test("have an anchor each on their page", () => {
    const { content, topics } = failurePage({ host, tool });
    for (const { anchor } of topics) expect(content.text).toContain(`id="${anchor}"`);
    expect(topics).toHaveLength(host.length + tool.length);
  });
});
