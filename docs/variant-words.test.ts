import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { variantWords } from "./variant-words.ts";

const all = [
  "aws-dev",
  "aws-ecs-1",
  "aws-ecs-1-nvidia",
  "aws-k8s-1.23",
  "aws-k8s-1.24",
  "aws-k8s-1.24-nvidia",
  "metal-dev",
  "metal-k8s-1.23",
  "metal-k8s-1.24",
];

describe("variants in few words", () => {
  const table: [situation: string, some: readonly string[], words: string][] = [
    ["all of them", all, "every variant"],
    ["none", [], "no variant"],
    ["one", ["aws-dev"], "aws-dev"],
    ["what runs the same", ["aws-dev", "metal-dev"], "*-dev"],
    ["with versions", all.filter((name) => name.includes("-k8s-")), "*-k8s-*"],
    ["what runs on the same", all.filter((name) => name.startsWith("aws-")), "aws-*"],
    ["of one flavor", ["aws-ecs-1-nvidia", "aws-k8s-1.24-nvidia"], "*-nvidia"],
    ["both", ["metal-k8s-1.23", "metal-k8s-1.24"], "metal-k8s-*"],
    ["all but one", all.filter((name) => name !== "metal-dev"), "every variant but metal-dev"],
    ["a class and a name", ["metal-k8s-1.23", "metal-k8s-1.24", "aws-dev"], "metal-k8s-*, aws-dev"],
    ["not a class of which one is missing", ["aws-k8s-1.23", "aws-k8s-1.24"], "aws-k8s-1.23, aws-k8s-1.24"],
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
