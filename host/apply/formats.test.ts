/** Every writer against a real reader of its format: no value ends its string or line, or says more than itself. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { FileFormat } from "../settings/index.ts";
import { orRefused, readers, render, renderText } from "./testing-templates.ts";

/** Texts made of what has a meaning in some format. */
const hostileText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom(..."a1\n\r\"'\\# \t=$`%\u2028\u0085\0\u007f],{}:;-~!&*|>@.\ufeff\ud800"),
    maxLength: 12,
  }),
  fc.constantFrom(
    "{{",
    "}}",
    "{%",
    "no",
    "NULL",
    "~",
    "1e3",
    "0x1f",
    "1_0",
    "12:30:45",
    "2001-01-01",
    ".inf",
    "---",
    "<<",
    "=",
    "null",
    "y",
  ),
);
const number = fc
  .oneof(fc.maxSafeInteger(), fc.double({ min: -1e15, max: 1e15, noNaN: true, noDefaultInfinity: true }))
  .map((value) => value + 0); // no negative zero: JSON has it, and no setting does
const scalar = fc.oneof({ weight: 3, arbitrary: hostileText }, number, fc.boolean());
const list = fc.array(scalar, { maxLength: 4 });
const anything = fc.oneof(
  { weight: 5, arbitrary: scalar },
  list,
  fc.constant(null),
  fc.array(list, { maxLength: 2 }),
  fc.dictionary(hostileText, scalar, { maxKeys: 3 }),
);

/** A file in which a value stands between two others, where what ends its string or line would be seen. */
const places: {
  readonly [format: string]: { text: string; says: (value: unknown, key: string) => unknown };
} = {
  toml: {
    text: "a = {{ settings.value }}\nb = 1\n[t.{{ settings.key }}]\nc = {{ settings.value }}\nd = 2\n",
    says: (value, key) => ({ a: value, b: 1, t: { [key]: { c: value, d: 2 } } }),
  },
  yaml: {
    text: "a: {{ settings.value }}\nb:\n- {{ settings.value }}\n- c: 1\n  {{ settings.key }}: {{ settings.value }}\nd: [{{ settings.value }}, 2]\n",
    says: (value, key) => ({ a: value, b: [value, { c: 1, [key]: value }], d: [value, 2] }),
  },
  json: {
    text: '{"a": {{ settings.value }}, {{ settings.key }}: [{{ settings.value }}, 1]}',
    says: (value, key) => ({ a: value, [key]: [value, 1] }),
  },
  env: {
    text: "A={{ settings.value }}\nB={{ settings.value }},x{{ settings.key }}x\nC=1\n",
    says: (value, key) => ({ A: String(value), B: `${value},x${key}x`, C: "1" }),
  },
  unit: {
    text: "[Service]\nExecStart=/bin/a -b {{ settings.value }} \\\n  --c={{ settings.value }} {{ settings.key }}\nD=1\n",
    says: (value, key) => ({
      Service: [
        ["ExecStart", ["/bin/a", "-b", `${value}`, `--c=${value}`, key]],
        ["D", "1"],
      ],
    }),
  },
};

describe("a value is read back as it was, or the file is not rendered", () => {
  for (const format of ["toml", "yaml", "json", "env", "unit"] as const) {
    test(format, () => {
      const { text, says } = places[format] ?? { text: "", says: () => undefined };
      fc.assert(
        fc.property(anything, hostileText, (value, key) => {
          // Keys that stand in the file already would come twice, whoever writes it.
          fc.pre(!["a", "c", "A"].includes(key));
          const file = orRefused(() => renderText(format, text, { value, key }));
          if (file === undefined) return;
          expect(readers[format](file)).toEqual(says(value, key) as never);
        }),
        { numRuns: 1000 },
      );
    });
  }

  test("words: a line keeps its words", () => {
    fc.assert(
      fc.property(anything, (value) => {
        const file = orRefused(() =>
          renderText("words", "pool {{ settings.value }} iburst\nend\n", { value }),
        );
        if (file === undefined) return;
        const [first, second, rest] = file.split(/[\n\r\u2028\u2029\u0085\v\f]/);
        expect(first?.split(/\s+/u)).toEqual(["pool", String(value), "iburst"]);
        expect([second, rest]).toEqual(["end", ""]);
      }),
    );
  });
  test("hosts: a name never makes another line or a comment", () => {
    fc.assert(
      fc.property(hostileText, hostileText, (address, name) => {
        const hosts = [
          [address, [name, "b"]],
          ["192.0.2.1", ["end"]],
        ];
        const file = orRefused(() => render("hosts", "words", { network: { hostname: "n", hosts } }));
        if (file === undefined) return;
        expect(file.split("\n").slice(3)).toEqual([`${address} ${name} b`, "192.0.2.1 end", ""]);
        expect(file).not.toContain("#");
      }),
    );
  });
  for (const format of ["text", "verbatim"] as const) {
    test(`${format}: the file is the value`, () => {
      fc.assert(
        fc.property(scalar, (value) => {
          expect(renderText(format, "{{ settings.value }}", { value })).toBe(String(value));
        }),
      );
    });
  }
});

describe("what can be written is not refused", () => {
  const clean = fc.string({ unit: fc.constantFrom(..."aZ09 \"'\\#=$`%/:.,{}[]&*|<>@~-ä€😀"), maxLength: 12 });
  for (const format of ["toml", "yaml", "json", "env", "unit", "text", "verbatim"] as const) {
    test(`${format}: texts without control characters`, () => {
      fc.assert(fc.property(clean, (value) => void renderText(format, "{{ settings.value }}", { value })));
    });
  }
});

describe("values that need no escaping come out bare, others in quotes", () => {
  const table: [format: FileFormat, value: unknown, written: string][] = [
    ["toml", "a b", '"a b"'],
    ["toml", ["a", 1, true], '["a", 1, true]'],
    ["toml", "\u007f", '"\\u007f"'],
    ["yaml", "cluster.local", "cluster.local"],
    ["yaml", "no", '"no"'],
    ["yaml", "85", '"85"'],
    ["yaml", 85, "85"],
    ["yaml", "a: b", '"a: b"'],
    ["yaml", "a\u0085b\u2028", '"a\\u0085b\\u2028"'],
    ["yaml", ["net.*", "a"], '["net.*", a]'],
    ["json", { a: ["\n"] }, '{"a":["\\n"]}'],
    ["env", "https://p.lan:3128/?a=1&b", "https://p.lan:3128/?a=1&b"],
    ["env", "it's $1", "it\\'s\\ \\$1"],
    ["unit", "unix:///run/a.sock", "unix:///run/a.sock"],
    ["unit", "", '""'],
    ["unit", '50% "$x" \\', '"50%% \\"$$x\\" \\\\"'],
    ["words", "time.example.com", "time.example.com"],
    ["text", "it's <a> & 'b'\n", "it's <a> & 'b'\n"],
  ];
  for (const [format, value, written] of table) {
    test(`${format}: ${JSON.stringify(value)}`, () => {
      expect(renderText(format, "{{ settings.value }}", { value })).toBe(written);
    });
  }
});

describe("what a format cannot say is refused, in words", () => {
  const table: [format: FileFormat, value: unknown, problem: string][] = [
    ["toml", { a: 1 }, "a list or table cannot be inserted here"],
    ["toml", "\ud800", "it is not valid Unicode"],
    ["yaml", [["a", null]], "null cannot be inserted here"],
    ["json", null, "null cannot be inserted here"],
    ["env", "a\nB=1", "it has the control character U+000A"],
    ["env", ["a"], "a list or table cannot be inserted here"],
    ["unit", "a\nExecStartPre=/bin/b", "it has the control character U+000A"],
    ["words", "a b", "it has blanks, quotes or backslashes where one word is needed"],
    ["words", "", "it is empty where a word is needed"],
    ["words", "#a", "it starts with #, which would start a comment"],
    ["words", "a#", "it has a #, which would start a comment"],
    ["text", ["a"], "a list or table cannot be inserted here"],
  ];
  for (const [format, value, problem] of table) {
    test(`${format}: ${JSON.stringify(value)}`, () => {
      expect(() => renderText(format, "{{ settings.value }}", { value })).toThrow(
        `The template a-template cannot be rendered: {{ settings.value }}: ${problem}, line:1, col:1`,
      );
    });
  }
});
