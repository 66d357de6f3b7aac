import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { parseOsRelease } from "./os-release.ts";
import { readTarget } from "./request.ts";

describe("the target of a request", () => {
  const table: [url: string, path: string, query: Record<string, string>][] = [
    ["/settings", "/settings", {}],
    ["/settings?", "/settings", {}],
    ["http://any/settings?a=b", "/settings", { a: "b" }],
    ["http://any", "/", {}],
    ["/settings?keys=a%20b+c&keys=d", "/settings", { keys: "d" }],
    ["/settings?keys=%22a.b%22#part", "/settings", { keys: '"a.b"' }],
    ["/settings?keys=x://y", "/settings", { keys: "x://y" }],
    ["/settings?keys", "/settings", { keys: "" }],
    ["/settings?keys=%ZZ%", "/settings", { keys: "%ZZ%" }],
    ["//settings", "//settings", {}],
  ];
  for (const [url, path, query] of table) {
    it(`${url} is ${path} with ${JSON.stringify(query)}`, () => {
      const target = readTarget(url);
      expect({ path: target.path, query: Object.fromEntries(target.query) }).toEqual({ path, query });
    });
  }

  it("is read from any text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (url) => typeof readTarget(url).path === "string"));
  });
});

describe("the release file", () => {
  const text =
    'NAME=x\n# VARIANT_ID=no\nnonsense\nPRETTY_NAME="A = B"\nVARIANT_ID=v\nVERSION_ID="1.2.3"\nBUILD_ID=b\n';
  it("api 6.6: ignores comments and other lines, and takes off one pair of quotes", () => {
    expect(parseOsRelease(text, "aarch64")).toEqual({
      arch: "aarch64",
      build_id: "b",
      pretty_name: "A = B",
      variant_id: "v",
      version_id: "1.2.3",
    });
  });

  it("says which fields are missing, and which version is none", () => {
    expect(parseOsRelease("NAME=x\nBUILD_ID=b\n", "x86_64")).toBe(
      "it has no PRETTY_NAME, no VARIANT_ID, no VERSION_ID",
    );
    expect(parseOsRelease(text.replace("1.2.3", "1.2"), "x86_64")).toBe(
      'its VERSION_ID is "1.2", which is not a version such as 1.11.1',
    );
  });
});
