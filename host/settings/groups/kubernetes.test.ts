/** Specification "settings" 6.6 and 7.3. */
import { describe, expect, test } from "bun:test";
import { bootstrapToken } from "../kubernetes-types.ts";
import type { Json } from "../source.ts";
import { sourceFromJson } from "../source.ts";
import { read, testModel } from "../testing.ts";

describe("the group as a whole", () => {
  const model = testModel();
  const ask = (kubernetes: Json) => model.checkSettings(sourceFromJson({ kubernetes }));

  test("Check 4: underscores are not dashes", () => {
    expect(ask({ cluster_name: "a" })).toMatchObject({
      ok: false,
      problems: [{ problem: 'unknown name "cluster_name" (did you mean "cluster-name"?)' }],
    });
  });
  test("Check 8: null in place of all taints is refused, and for other members means not given", () => {
    expect(ask({ "node-taints": null }).ok).toBe(false);
    expect(ask({ "node-labels": null, "cluster-name": null })).toEqual({ ok: true, leaves: new Map() });
  });
  test("Check 15: a label key that makes the whole key too long is the caller's mistake, to the character", () => {
    const label = (length: number) => `${"p".repeat(180)}.lan/${"a".repeat(length - 185)}`;
    expect(ask({ "node-labels": { [label(221)]: "x" } }).ok).toBe(true);
    expect(ask({ "node-labels": { [label(222)]: "x" } })).toMatchObject({
      ok: false,
      problems: [
        { problem: "the key is not usable: it is 256 characters long, and at most 255 are allowed" },
      ],
    });
  });
  test("unknown members of a credential provider are refused, not passed over as in the reference", () => {
    expect(ask({ "credential-providers": { p: { enable: true } } }).ok).toBe(false);
  });
  test("a mistyped signal is told with the one that was meant", () => {
    expect(ask({ "eviction-hard": { "memory.avail": "1%" } })).toMatchObject({
      ok: false,
      problems: [
        {
          problem: 'unknown name "memory.avail" (did you mean "memory.available"?)',
          accepted: expect.stringMatching(/^one of memory.available, nodefs.available, /),
        },
      ],
    });
  });
  test("a token that is refused is not shown", () => {
    expect(read(bootstrapToken, "ABC123.0123456789abcdef").problems).toEqual([
      "found a text, not shown because it is secret",
    ]);
  });
});
