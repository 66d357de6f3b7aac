/** The template engine: what it refuses, how it tells, and what it asks of the host. */
import { describe, expect, test } from "bun:test";
import { parseTemplate, parseValueTemplate } from "./template.ts";
import { render, renderText } from "./testing-templates.ts";

describe("the template engine", () => {
  const table: [situation: string, text: string, message: string][] = [
    [
      "a syntax error is told with its place",
      "x\n{% if",
      'is not valid: tag "{% if" not closed, line:2, col:1',
    ],
    ["an unknown filter is told", "{{ a | nope }}", "is not valid: undefined filter: nope, line:1, col:1"],
    [
      "escaping cannot be switched off",
      "{{ a | raw }}",
      "is not valid: undefined filter: raw, line:1, col:1",
    ],
    [
      "a value that cannot be written is named",
      "\n x{{ settings.a }}",
      "cannot be rendered: {{ settings.a }}: it has blanks, quotes or backslashes where one word is needed, line:2, col:3",
    ],
    [
      "a setting that is missing is named with its place",
      "x {{ settings.b.c }}",
      "cannot be rendered: undefined variable: settings.b, line:1, col:6",
    ],
    [
      "null is no value",
      "{{ settings.n }}",
      "cannot be rendered: {{ settings.n }}: null cannot be inserted here, line:1, col:1",
    ],
    [
      "prototypes are no settings",
      "{{ settings.constructor }}",
      "cannot be rendered: undefined variable: settings.constructor, line:1, col:4",
    ],
  ];
  for (const [situation, text, message] of table) {
    test(situation, () => {
      expect(() => renderText("words", text, { a: "b c", n: null })).toThrow(
        new Error(`The template a-template ${message}`),
      );
    });
  }
  test("other templates and files cannot be read", () => {
    for (const tag of ["include", "render", "layout"])
      expect(() => renderText("text", `{% ${tag} "/etc/passwd" %}`, {})).toThrow("ENOENT");
  });
  test("what a value looks like to the template language does not matter", () => {
    const motd = '{{ settings.motd }}{% include "x" %}';
    expect(render("motd", "text", { motd })).toBe(`${motd}\n`);
  });
  test("the value of a setting is not escaped", () => {
    const template = parseValueTemplate("settings.x", "https://h/{{ os.variant_id }}/?a=b&c");
    const facts = { hostnameResolves: false, cpuCount: undefined };
    expect(template.render({ os: { variant_id: "metal-dev" } }, facts)).toBe("https://h/metal-dev/?a=b&c");
  });
  test("says what it needs to know of the host", () => {
    const asks = (text: string) => {
      const { asksResolver, asksCpuCount } = parseTemplate("a", "text", text);
      return [asksResolver, asksCpuCount];
    };
    expect(asks("{{ settings.a }}")).toEqual([false, false]);
    expect(asks("{% if facts.hostname-resolves %}{% endif %}")).toEqual([true, false]);
    expect(asks("{{ a | kube_reserve_cpu: facts.cpu-count }}")).toEqual([false, true]);
  });
});

describe("what a template knows of its variant", () => {
  const table: [variant: string, minor: string, hasNvidia: boolean][] = [
    ["aws-k8s-1.24", "24", false],
    ["aws-k8s-1.21-nvidia", "21", true],
    ["metal-k8s-1.30", "30", false],
    ["aws-ecs-1-nvidia", "none", true],
    ["metal-dev", "none", false],
  ];
  for (const [variant, minor, hasNvidia] of table) {
    test(`${variant}: Kubernetes ${minor}, NVIDIA ${hasNvidia}`, () => {
      const text =
        "{% if facts.kubernetes-minor %}{{ facts.kubernetes-minor }}{% else %}none{% endif %} {{ facts.has-nvidia }}";
      expect(renderText("text", text, {}, { variant })).toBe(`${minor} ${hasNvidia}`);
    });
  }
  test("the Kubernetes version of a variant without Kubernetes is missing", () => {
    expect(() => renderText("text", "{{ facts.kubernetes-minor }}", {}, { variant: "aws-dev" })).toThrow(
      "undefined variable: facts.kubernetes-minor",
    );
  });
});
