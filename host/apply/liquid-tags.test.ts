/** What the template language takes for true, how it loops, and what it says of missing settings. */
import { describe, expect, test } from "bun:test";
import { renderText } from "./testing-templates.ts";

const show = (text: string, settings: object = {}) => renderText("text", text, settings);

describe("in a condition", () => {
  const table: [value: unknown, isTrue: boolean][] = [
    [false, false],
    [null, false],
    [undefined, false],
    [0, false],
    ["", false],
    [[], false],
    [{}, false],
    [true, true],
    ["0", true],
    ["false", true],
    [" ", true],
    [-1, true],
    [0.1, true],
    [[0], true],
    [{ a: null }, true],
  ];
  for (const [value, isTrue] of table) {
    test(`${JSON.stringify(value)} is ${isTrue}, for every tag and operator`, () => {
      const settings = { value, yes: true, no: false };
      const conditions = [
        "{% if settings.value %}true{% else %}false{% endif %}",
        "{% unless settings.value %}false{% else %}true{% endunless %}",
        "{% if settings.no %}{% elsif settings.value %}true{% else %}false{% endif %}",
        "{% if settings.value and settings.yes %}true{% else %}false{% endif %}",
        "{% if settings.no or settings.value %}true{% else %}false{% endif %}",
        "{% if not settings.value %}false{% else %}true{% endif %}",
      ];
      for (const condition of conditions) expect(show(condition, settings)).toBe(String(isTrue));
    });
  }
  test("is_set counts a zero, an empty text and false as values, but not null", () => {
    const text = "{% if settings.value | is_set %}set{% else %}unset{% endif %}";
    for (const value of [0, "", false, []]) expect(show(text, { value })).toBe("set");
    for (const value of [null, undefined]) expect(show(text, { value })).toBe("unset");
  });
  test("a missing setting below a missing table is false", () => {
    expect(show("{% if settings.no.where %}a{% else %}b{% endif %}")).toBe("b");
  });
  for (const operator of ["==", "!=", "<", ">=", "contains"]) {
    test(`a missing setting cannot be compared: ${operator}`, () => {
      const tag = `{% if settings.no ${operator} "a" %}`;
      expect(() => show(`\n  ${tag}{% endif %}`)).toThrow(
        `The template a-template cannot be rendered: ${tag}: a setting that is compared is not set, line:2, col:3`,
      );
    });
  }
  test("settings can be compared", () => {
    const text = '{% if settings.a == "x" and settings.n >= 23 and settings.a != "y" %}yes{% endif %}';
    expect(show(text, { a: "x", n: 23 })).toBe("yes");
    expect(show(text, { a: "x", n: 22 })).toBe("");
  });
});

describe("a loop", () => {
  const pairs =
    "{% for x in settings.t %}{{ x[0] }}={{ x[1] }}{% unless forloop.last %},{% endunless %}{% endfor %}";
  test("takes the members of a table in byte order of their names, those that look like numbers too", () => {
    expect(show(pairs, { t: { a: 1, "9": 2, "10": 3, ä: 4, Z: 5, "１": 6, "😀": 7 } })).toBe(
      "10=3,9=2,Z=5,a=1,ä=4,１=6,😀=7",
    );
  });
  test("takes a list in its order, and a single value as a list of one", () => {
    const text = "{% for x in settings.l %}{% unless forloop.first %} {% endunless %}{{ x }}{% endfor %}";
    expect(show(text, { l: ["b", "a", "b"] })).toBe("b a b");
    expect(show(text, { l: "b" })).toBe("b");
    expect(show(text, { l: [] })).toBe("");
  });
  test("over nothing takes the branch of else", () => {
    const text = "{% for x in settings.l %}{{ x }}{% else %}none{% endfor %}";
    for (const settings of [{}, { l: null }, { l: [] }, { l: {} }]) expect(show(text, settings)).toBe("none");
    expect(show(text, { l: ["a"] })).toBe("a");
  });
  test("without else is an error over a missing setting, and over null", () => {
    const text = "{% for x in settings.l %}{% endfor %}";
    expect(() => show(text)).toThrow("undefined variable: settings.l, line:1, col:13");
    expect(() => show(text, { l: null })).toThrow(
      "{% for x in settings.l %}: what is looped over is not set, line:1, col:1",
    );
  });
  test("inside of another one has a scope of its own", () => {
    const text =
      "{% for x in settings.l %}{% for x in x %}{{ x }}{% if forloop.last %};{% endif %}{% endfor %}{{ forloop.last }} {% endfor %}";
    expect(show(text, { l: [["a", "b"], ["c"]] })).toBe("ab;false c;true ");
  });
  test("has no modifiers", () => {
    expect(() => show("{% for x in settings.l limit: 2 %}{% endfor %}")).toThrow(
      "The template a-template is not valid: limit is not known in: {% for x in settings.l limit: 2 %}, line:1, col:1",
    );
  });
});

describe("a tag on a line of its own", () => {
  const line = (tag: string) => `{%- ${tag} -%}\n`;
  test("leaves no line, and the next line's indentation alone", () => {
    const text = `a:\n  ${line("if settings.x")}  b: 1\n${line("endif")}c: 2\n`;
    expect(show(text, { x: true })).toBe("a:\n  b: 1\nc: 2\n");
    expect(show(text)).toBe("a:\nc: 2\n");
  });
});
