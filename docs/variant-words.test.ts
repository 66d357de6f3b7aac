import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { variantWords } from "./variant-words.ts";

const all = [
  "aws-dev",
  "aws-ecs-1",
  "aws-k8s-1.23",
  "aws-k8s-1.24",
  "metal-dev",
  "metal-k8s-1.23",
  "metal-k8s-1.24",
];

describe("variants in few words", () => {
  const table: [situation: string, some: readonly string[], words: string][] = [
    ["all of them", all, "every variant"],
    ["none", [], "no variant"],
    ["one", ["aws-dev"], "aws-dev"],
    ["what runs the same", ["aws-dev", "metal-dev"], "*-dev*"],
    ["what runs on the same", ["aws-dev", "aws-ecs-1", "aws-k8s-1.23", "aws-k8s-1.24"], "aws-*"],
    ["both", ["aws-k8s-1.23", "aws-k8s-1.24"], "aws-k8s*"],
    ["all but one", all.filter((name) => name !== "metal-dev"), "every variant but metal-dev"],
    ["a class and a name", ["aws-k8s-1.23", "aws-k8s-1.24", "metal-dev"], "aws-k8s*, metal-dev"],
    [
      "not a class of which one is missing",
      ["aws-k8s-1.23", "metal-k8s-1.24"],
      "aws-k8s-1.23, metal-k8s-1.24",
    ],
  ];
  for (const [situation, some, words] of table) {
    test(situation, () => expect(variantWords(some, all)).toBe(words));
  }

  test("take exactly those that are meant, whichever they are", () => {
    fc.assert(
      fc.property(fc.subarray(all, { minLength: 1 }), (some) => {
        const words = variantWords(some, all);
        const [, but, listed = words] = /^(every variant)(?: but (.*))?$/.exec(words) ?? [];
        const patterns = listed === "every variant" ? [] : listed.split(", ");
        const meant = all.filter((name) => patterns.some((pattern) => new Bun.Glob(pattern).match(name)));
        expect(but === undefined ? meant : all.filter((name) => !meant.includes(name))).toEqual(some);
      }),
    );
  });
});
