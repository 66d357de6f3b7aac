/** The filters of templates (specification "rendered-config" 3), and what each says when it is used wrongly. */
import { describe, expect, test } from "bun:test";
import { renderText } from "./testing-templates.ts";

/** What a filter makes of settings.v. The value may be missing, as in a template that assigns. */
const filter = (expression: string, v?: unknown) =>
  renderText("text", `{% assign r = settings.v | ${expression} %}{{ r }}`, { v, n: null });

describe("a filter makes", () => {
  const table: [expression: string, value: unknown, made: string][] = [
    ["base64_decode", "w6QK", "ä\n"],
    ["base64_decode", "aGk", "hi"],
    ["base64_decode", "aGk=", "hi"],
    ["base64_decode", "", ""],
    ["base64_decode", "77u/YQ==", "\ufeffa"],
    [
      'join_map: "=", ",", "fail-if-missing"',
      { b: 1, a: "x y", "9": true, "10": "" },
      "10=,9=true,a=x y,b=1",
    ],
    ['join_map: ":", "; ", "no-fail-if-missing"', { z: "1", a: "2" }, "a:2; z:1"],
    ['join_map: "=", ",", "no-fail-if-missing"', undefined, ""],
    ['join_map: "=", ",", "no-fail-if-missing"', ["a"], ""],
    ['join_map: "=", ",", "fail-if-missing"', {}, ""],
    [
      "join_node_taints",
      { b: [":NoExecute"], a: ["x:NoSchedule", "x:NoExecute"] },
      "a=x:NoSchedule,a=x:NoExecute,b=:NoExecute",
    ],
    ["join_node_taints", undefined, ""],
    ["join_node_taints", "x", ""],
    ["join_node_taints", { a: [] }, ""],
    ['default: "f"', undefined, "f"],
    ['default: "f"', null, "f"],
    ['default: "f"', "", ""],
    ['default: "f"', 0, "0"],
    ['default: "f"', false, "false"],
    ["default: 110", undefined, "110"],
    ["host", "https://u:p@k.example:6443/x", "k.example"],
    ["host", "https://[fd00::1]:6443", "[fd00::1]"],
    ["goarch", "x86_64", "amd64"],
    ["goarch", "amd64", "amd64"],
    ["goarch", "aarch64", "arm64"],
    ["goarch", "arm64", "arm64"],
    ["kube_reserve_cpu: 4", "500m", "500m"],
    ["kube_reserve_cpu: 4", 2, "2"],
    ["kube_reserve_cpu: 4", "", ""],
    ["kube_reserve_memory: 29", "1Gi", "1Gi"],
    ["kube_reserve_memory: 29", 0, "0"],
    ["kube_reserve_memory: 0", undefined, "255Mi"],
    ["any_enabled", { a: { enabled: false }, b: { enabled: true } }, "true"],
    ["any_enabled", [{ enabled: true }], "true"],
    ["any_enabled", { a: { enabled: "true" }, b: {}, c: 5, d: null }, "false"],
    ["any_enabled", {}, "false"],
    ["is_set", 0, "true"],
    ["is_set", undefined, "false"],
    ["integer", "85", "85"],
    ["integer", "-1", "-1"],
    ["integer", 0, "0"],
  ];
  for (const [expression, value, made] of table) {
    test(`${JSON.stringify(value)} | ${expression}: ${JSON.stringify(made)}`, () => {
      expect(filter(expression, value)).toBe(made);
    });
  }
});

// Specification "rendered-config" 3.1, whole.
const cpus =
  "0 0m, 1 60m, 2 70m, 3 75m, 4 80m, 5 82m, 6 85m, 8 90m, 16 110m, 32 150m, 36 160m, 47 187m, 48 190m, 64 230m, 96 310m, 128 390m, 192 550m";
test("Check 15: the CPU that is kept, by the count of CPUs", () => {
  for (const [count, reserved] of cpus.split(", ").map((row) => row.split(" ")))
    expect(filter(`kube_reserve_cpu: ${count}`)).toBe(reserved as string);
  expect(filter("kube_reserve_cpu: 65535")).toBe("163907m");
});
const pods = "4 299, 8 343, 17 442, 29 574, 58 893, 110 1465, 234 2829, 737 8362";
test("the memory that is kept, by the count of pods", () => {
  for (const [count, reserved] of pods.split(", ").map((row) => row.split(" ")))
    expect(filter(`kube_reserve_memory: ${count}`)).toBe(`${reserved}Mi`);
});

describe("a filter refuses", () => {
  const table: [expression: string, value: unknown, problem: string][] = [
    ["base64_decode", undefined, "needs a text, and found nothing"],
    ["base64_decode", null, "needs a text, and found nothing"],
    ["base64_decode", 5, "needs a text, and found a number"],
    ["base64_decode", "aGk=\n", "the text is not base64"],
    ["base64_decode", "a", "the text is not base64"],
    ["base64_decode", "aGl=", "the text is not base64"],
    ["base64_decode", "a-_a", "the text is not base64"],
    ["base64_decode", "wyg=", "the decoded bytes are not UTF-8 text"],
    ['base64_decode: "x"', "aGk=", "needs 0 arguments, and is given 1"],
    ['join_map: "=", ","', {}, "needs 3 arguments, and is given 2"],
    [
      'join_map: "=", ",", "maybe"',
      {},
      'found "maybe" where "fail-if-missing" or "no-fail-if-missing" is needed',
    ],
    ['join_map: 1, ",", "fail-if-missing"', {}, "both joiners must be texts"],
    ['join_map: "=", ",", "fail-if-missing"', undefined, "needs a table, and found nothing"],
    ['join_map: "=", ",", "fail-if-missing"', ["a"], "needs a table, and found a list"],
    [
      'join_map: "=", ",", "fail-if-missing"',
      { a: null },
      "the value of a must be a text, number or boolean, and is nothing",
    ],
    [
      'join_map: "=", ",", "no-fail-if-missing"',
      { a: ["x"] },
      "the value of a must be a text, number or boolean, and is a list",
    ],
    ["join_node_taints", { a: "x" }, "the taints of a must be a list, and are a text"],
    ["join_node_taints", { a: null }, "the taints of a must be a list, and are nothing"],
    ["join_node_taints", { a: [5] }, "a taint of a must be a text, and is a number"],
    ["default: settings.n", "a", "needs a fallback, and found nothing"],
    ['default: "f"', ["a"], "needs a scalar, and found a list"],
    ['default: "f"', {}, "needs a scalar, and found a table"],
    ["default", "a", "needs 1 argument, and is given 0"],
    ["host", "example.com", 'needs an absolute URL, and found "example.com"'],
    ["host", "localhost:8080", 'the URL "localhost:8080" has no host'],
    ["host", undefined, "needs a text, and found nothing"],
    ["goarch", "riscv64", 'knows x86_64, amd64, aarch64, arm64, and found "riscv64"'],
    ["ecr_prefix", undefined, "needs a text, and found nothing"],
    ["pause_prefix", 5, "needs a text, and found a number"],
    ["tuf_prefix", undefined, "needs a text, and found nothing"],
    ["metadata_prefix", ["a"], "needs a text, and found a list"],
    ["kube_reserve_cpu: 65536", undefined, "needs a count of CPUs up to 65535, and found 65536"],
    ["kube_reserve_cpu: 4", true, "needs a text or a number, and found a boolean"],
    ["kube_reserve_cpu: 4", {}, "needs a text or a number, and found a table"],
    ["kube_reserve_memory: -1", "1Gi", "needs a count of pods, and found -1"],
    ['kube_reserve_memory: "29"', "1Gi", 'needs a count of pods, and found "29"'],
    ["kube_reserve_memory: 29", false, "needs a text or a number, and found a boolean"],
    ["any_enabled", undefined, "needs a list or table, and found nothing"],
    ["integer", "8.5", 'needs a whole number, and found "8.5"'],
    ["integer", "", 'needs a whole number, and found ""'],
  ];
  for (const [expression, value, problem] of table) {
    test(`${JSON.stringify(value)} | ${expression}`, () => {
      const name = expression.split(":")[0];
      expect(() => filter(expression, value)).toThrow(
        new Error(`The template a-template cannot be rendered: ${name}: ${problem}, line:1, col:1`),
      );
    });
  }
});
