import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import examples from "../../boot/testdata/boot-words.json" with { type: "json" };
import { encodeBootConfig } from "./boot-config-file.ts";
import { type BootParameters, bootConfigText, parseBootConfigText } from "./boot-config-text.ts";
import { bootParametersOfCommandLine, bootWords } from "./boot-config-words.ts";
import { commandLine } from "./testing.ts";

const groups = (kernel: object, init: object): BootParameters => ({
  kernel: new Map(Object.entries(kernel)),
  init: new Map(Object.entries(init)),
});

describe("the file bootconfig.data", () => {
  for (const { name, text, dataHex } of examples.vectors) {
    if (dataHex === undefined) continue;
    it(`os-image Check 9: ${name}`, () => {
      const encoded = encodeBootConfig(text);
      expect(encoded.ok && Buffer.from(encoded.bytes).toString("hex")).toBe(dataHex);
    });
  }

  it("is written for a text of 32764 bytes and refused for one more", () => {
    expect(encodeBootConfig("x".repeat(32764)).ok).toBe(true);
    expect(encodeBootConfig("x".repeat(32765))).toEqual({
      ok: false,
      problem: "the boot configuration is 32765 bytes long; accepted: less than 32768 bytes",
    });
  });
});

describe("the text of a boot configuration", () => {
  it("os-image Check 10: one line a key, kernel before init, values quoted", () => {
    expect(bootConfigText(groups({ quiet: ["1"] }, { demo: ["a", "b"] }))).toBe(
      'kernel.quiet = "1"\ninit.demo = "a", "b"\n',
    );
    expect(bootConfigText(groups({ say: ['a "b"'] }, {}))).toBe("kernel.say = 'a \"b\"'\n");
  });

  it("platform Check 30: an empty list is a bare key", () => {
    expect(bootConfigText(groups({ console: ["a", "b"] }, { splash: [] }))).toBe(
      'kernel.console = "a", "b"\ninit.splash\n',
    );
  });

  it("sorts its keys, so that the same settings make the same bytes", () => {
    expect(bootConfigText(groups({ b: ["1"], a: ["2"] }, {}))).toBe('kernel.a = "2"\nkernel.b = "1"\n');
  });

  it("without parameters declares both groups, because the kernel refuses an empty text", () => {
    expect(bootConfigText(groups({}, {}))).toBe('\n    kernel = ""\n    init = ""\n');
  });
});

describe("the parser of /proc/bootconfig", () => {
  const read = (text: string) => {
    const parsed = parseBootConfigText(text);
    return parsed.ok
      ? {
          kernel: Object.fromEntries(parsed.parameters.kernel),
          init: Object.fromEntries(parsed.parameters.init),
        }
      : parsed.problems;
  };
  const accepted: [situation: string, text: string, kernel: object][] = [
    ['platform Check 31: kernel = "" and init = "" set nothing', 'kernel = ""\ninit = ""\n', {}],
    ["platform Check 31: a value keeps its equals signs", 'kernel.a = "b=c=d"\n', { a: ["b=c=d"] }],
    ['os-image Check 11: kernel.x = "a=b" is one value', 'kernel.x = "a=b"\n', { x: ["a=b"] }],
    ["a bare key has no values", "kernel.ro\n", { ro: [] }],
    ["nothing after the equals sign is an empty list", "kernel.ro =\n", { ro: [] }],
    [
      "elements may be quoted either way or not at all",
      "kernel.x = \"a'\", 'b\"' , c d\n",
      { x: ["a'", 'b"', "c d"] },
    ],
    [
      "a trailing comma adds no element, a doubled one adds an empty one",
      'kernel.x = "a",,b,\n',
      { x: ["a", "", "b"] },
    ],
    ["the last of two equal keys wins", 'kernel.x = "1"\nkernel.x = "2"\n', { x: ["2"] }],
    [
      "the boot loader's words that newer kernels add are comments",
      'kernel.x = "1"\n# a="2"\n',
      { x: ["1"] },
    ],
    ["an empty text sets nothing", " \n", {}],
  ];
  for (const [situation, text, kernel] of accepted) {
    it(situation, () => expect(read(text)).toEqual({ kernel: kernel as Record<string, string[]>, init: {} }));
  }

  const key = (found: string) =>
    `the key is "${found}"; accepted: kernel.KEY or init.KEY, KEY being words of letters, digits, - and _ joined by dots`;
  const refused: [situation: string, text: string, ...problems: string[]][] = [
    ["platform Check 31: another key", 'other.key = "x"', `line 1: ${key("other.key")}`],
    [
      'platform Check 31: kernel = "x"',
      'kernel = "x"',
      'line 1: "kernel" has a value of its own; accepted: kernel = "", or keys below kernel.',
    ],
    [
      "a bare kernel",
      "kernel",
      'line 1: "kernel" has a value of its own; accepted: kernel = "", or keys below kernel.',
    ],
    [
      'os-image Check 11: kernel = "1" "2"',
      'kernel = "1" "2"',
      'line 1: "kernel": a quoted value is not followed by a comma',
    ],
    ["a key that only begins with the word kernel", 'kernelfoo = "x"', `line 1: ${key("kernelfoo")}`],
    [
      "every mistake is told, with its line",
      'kernel.a = "x\n\ninit.b = é',
      'line 1: "kernel.a": the quotes are unbalanced',
      "line 2: the line is empty; accepted: one assignment a line",
      'line 3: "init.b": the value has a character outside ASCII',
    ],
    [
      "a brace in a value without quotes",
      "kernel.a = b}",
      'line 1: "kernel.a": a value without quotes has the character }',
    ],
  ];
  for (const [situation, text, ...problems] of refused) {
    it(`refuses: ${situation}`, () => expect(read(text)).toEqual(problems));
  }

  it("reads back every text that settings can make", () => {
    fc.assert(
      fc.property(parameters(/^[\x20-\x7e]*$/), (wanted) => {
        expect(parseBootConfigText(bootConfigText(wanted))).toEqual({ ok: true, parameters: wanted });
      }),
    );
  });

  it("never throws, whatever the text", () => {
    fc.assert(
      fc.property(
        hostileText("kernel.a = ", "'\"", "init", ",", "{}", "#"),
        (text) => void parseBootConfigText(text),
      ),
    );
  });
});

describe("kernel command line words", () => {
  for (const { name, text, flat, kernelWords, initWords, kernel, init, ...without } of examples.vectors) {
    const leftOut = [...(without.leftOut ?? []), ...(without.reserved ?? [])];
    it(`${name}: the words are read back`, () => {
      const found = bootParametersOfCommandLine(commandLine(kernelWords, initWords));
      const nothing = kernelWords.length + initWords.length === 0;
      expect(found).toEqual(nothing ? undefined : { parameters: groups(kernel, init) });
    });
    if (!flat && leftOut.length === 0) continue;
    it(`${name}: the words are made`, () => {
      const parsed = parseBootConfigText(text);
      if (!parsed.ok) throw new Error(parsed.problems.join());
      const words = bootWords(parsed.parameters);
      expect({ ...words, leftOut: words.leftOut.map(({ key }) => key) }).toEqual({
        kernelWords,
        initWords,
        leftOut,
      });
    });
  }

  it("are read back for all settings, without what cannot travel", () => {
    fc.assert(
      fc.property(parameters(/^[\x20\x21\x23-\x7e]*$/), (wanted) => {
        const { kernelWords, initWords } = bootWords(wanted);
        const expected = kernelWords.length + initWords.length === 0 ? undefined : { parameters: wanted };
        expect(bootParametersOfCommandLine(commandLine(kernelWords, initWords))).toEqual(expected);
      }),
    );
  });

  it("are an error when the marker counts more words than there are", () => {
    expect(bootParametersOfCommandLine("a pinwheel.kernel-words=2 ro")).toEqual({
      problem: 'found "pinwheel.kernel-words=2" after 1 words; accepted: a number from 0 to 1',
    });
  });

  it("never throw when read, whatever the line", () => {
    const line = hostileText("pinwheel.kernel-words=", "1", " -- ", 'a="', "pinwheel.init-words=1 ");
    fc.assert(fc.property(line, (text) => void bootParametersOfCommandLine(text)));
  });
});

/** Boot parameters as settings can hold them: values of one kind of characters, never with both quotes. */
function parameters(value: RegExp): fc.Arbitrary<BootParameters> {
  const key = fc
    .stringMatching(/^[a-z0-9_]{1,5}(\.[A-Z-]{1,3})?$/)
    .filter((name) => !examples.reservedNames.includes(name));
  const text = fc.stringMatching(value).filter((v) => !(v.includes('"') && v.includes("'")));
  const group = fc
    .uniqueArray(fc.tuple(key, fc.array(text, { maxLength: 3 })), { selector: ([k]) => k, maxLength: 4 })
    .map((entries) => new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
  return fc.record({ kernel: group, init: group });
}

function hostileText(...pieces: string[]): fc.Arbitrary<string> {
  return fc
    .array(fc.oneof(fc.constantFrom(...pieces, "\n", " "), fc.string({ unit: "binary" })))
    .map((p) => p.join(""));
}
