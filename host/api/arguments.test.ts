import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { type OptionRule, scanArguments } from "./arguments.ts";

const rules: readonly OptionRule[] = [
  { names: ["--socket-path", "-s"], takesValue: true },
  { names: ["--all"], takesValue: false },
];

describe("a command line", () => {
  const table: [what: string, args: string[], expected: unknown][] = [
    [
      "takes the next word as a value, whatever it looks like",
      ["-s", "--all"],
      { "--socket-path": ["--all"] },
    ],
    ["takes what stands behind = as a value, also nothing", ["--socket-path="], { "--socket-path": [""] }],
    [
      "keeps every value of a repeated option",
      ["-s", "a", "--socket-path=b=c"],
      { "--socket-path": ["a", "b=c"] },
    ],
    ["notes an option without a value", ["--all"], { "--all": [""] }],
  ];
  for (const [what, args, expected] of table) {
    it(what, () => {
      const scanned = scanArguments(args, rules);
      if ("problem" in scanned) throw new Error(scanned.problem);
      expect(Object.fromEntries(scanned.options)).toEqual(expected as Record<string, string[]>);
    });
  }

  const wrong: [args: string[], problem: string][] = [
    [["--frob=1"], "unknown option --frob"],
    [["-x"], "unknown option -x"],
    [["--all=yes"], "option --all takes no value"],
    [["-s"], "option -s needs a value"],
    // A short option takes no = and no value behind it: both are the name of an option that is not there.
    [["-s=a"], "unknown option -s=a"],
  ];
  for (const [args, problem] of wrong) {
    it(`${args.join(" ")}: ${problem}`, () => expect(scanArguments(args, rules)).toEqual({ problem }));
  }

  it("whatever it holds is found again, or one sentence says what is wrong", () => {
    const word = fc.oneof(
      fc.string({ unit: "binary", maxLength: 10 }),
      fc.constantFrom(
        "--",
        "-",
        "---",
        "-s",
        "--all",
        "--socket-path",
        "--socket-path=",
        "--__proto__",
        "-=",
        "--=",
      ),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (args) => {
        const scanned = scanArguments(args, rules);
        if ("problem" in scanned) return expect(scanned.problem).toMatch(/^(unknown )?option /);
        for (const name of scanned.options.keys()) expect(["--socket-path", "--all"]).toContain(name);
        const end = args.indexOf("--");
        const isEnd = end !== -1 && args[end - 1] !== "-s" && args[end - 1] !== "--socket-path";
        if (isEnd)
          expect(scanned.words.slice(scanned.words.length - (args.length - end - 1))).toEqual(
            args.slice(end + 1),
          );
        const values = [...scanned.options.values()].flat().filter((value) => value !== "");
        for (const found of [...scanned.words, ...values])
          expect(args.some((arg) => arg.endsWith(found))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
