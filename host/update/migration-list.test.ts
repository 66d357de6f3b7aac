import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { MigrationStep } from "./manifest.ts";
import { migrationLists } from "./migration-list.ts";
import { parseVersion, type Version } from "./version.ts";

function version(text: string): Version {
  const parsed = parseVersion(text);
  if (parsed === undefined) throw new Error(`${text} is no version`);
  return parsed;
}

const step = (from: string, to: string, ...names: readonly string[]): MigrationStep => ({
  from: version(from),
  to: version(to),
  names,
});

/** The list between two versions, or where it breaks. */
function between(steps: readonly MigrationStep[], from: string, to: string): readonly string[] | string {
  const list = migrationLists(steps)(version(from), version(to));
  return list.kind === "list" ? list.names : `ends at ${list.end.text}, target ${list.target.text}`;
}

describe("updates 11.2: the migrations between two versions", () => {
  const steps = [
    step("1.0.0", "1.1.0", "a", "b"),
    step("1.1.0", "1.2.0", "c"),
    step("1.1.0", "1.5.0", "s"),
    step("1.2.0", "1.5.0", "d"),
  ];
  const table: [rule: string, from: string, to: string, names: readonly string[] | string][] = [
    ["Check 37: the longest step that does not go too far is taken", "1.0.0", "1.5.0", ["a", "b", "s"]],
    ["Check 37: backward is the exact reverse", "1.5.0", "1.0.0", ["s", "b", "a"]],
    ["a step that goes too far is not taken", "1.0.0", "1.2.0", ["a", "b", "c"]],
    [
      "Check 37: what no step reaches is told with the place",
      "1.0.0",
      "1.4.0",
      "ends at 1.2.0, target 1.4.0",
    ],
    ["also backward", "1.4.0", "1.0.0", "ends at 1.2.0, target 1.4.0"],
    ["equal versions need none, also where no step knows them", "7.0.0", "7.0.0", []],
  ];
  for (const [rule, from, to, names] of table) {
    test(rule, () => expect(between(steps, from, to)).toEqual(names));
  }

  test("a long step that leads nowhere does not hide the short ones that lead on", () => {
    const shortcut = step("1.1.0", "1.4.0", "dead end");
    expect(between([...steps, shortcut], "1.0.0", "1.5.0")).toEqual(["a", "b", "s"]);
    const withoutS = [...steps.filter(({ names }) => !names.includes("s")), shortcut];
    expect(between(withoutS, "1.0.0", "1.5.0")).toEqual(["a", "b", "c", "d"]);
  });

  test("steps back are none: two that lead in a ring end", () => {
    expect(between([step("1.1.0", "1.0.0", "x")], "1.0.0", "1.1.0")).toBe("ends at 1.0.0, target 1.1.0");
  });

  test("backward is the reverse of forward, whatever the steps", () => {
    const versions = fc.nat(9).map((minor) => version(`1.${minor}.0`));
    const anySteps = fc.array(fc.record({ from: versions, to: versions, names: fc.array(fc.string()) }));
    fc.assert(
      fc.property(anySteps, versions, versions, (any, from, to) => {
        const [there, back] = [migrationLists(any)(from, to), migrationLists(any)(to, from)];
        if (there.kind === "list" && back.kind === "list") {
          expect(back.names).toEqual(there.names.toReversed());
        } else expect(back).toEqual(there);
      }),
    );
  });

  test("where only longest steps lead to the target, they are what is found; a way is found whenever there is one", () => {
    const minor = fc.integer({ min: 0, max: 8 });
    const pairs = fc.uniqueArray(fc.tuple(minor, minor), { selector: String, maxLength: 20 });
    fc.assert(
      fc.property(pairs, minor, minor, (edges, low, high) => {
        fc.pre(low <= high);
        const text = (number: number) => `1.${number}.0`;
        const all = edges.map(([from, to]) => step(text(from), text(to), `${from}-${to}`));
        const found = between(all, text(low), text(high));
        const ends = new Set([low]);
        for (let at = low; at < high; at++) {
          if (ends.has(at)) for (const [from, to] of edges) if (from === at && to > at) ends.add(to);
        }
        expect(typeof found === "string").toBe(!ends.has(high));
        const greedy = longestSteps(edges, low, high);
        if (greedy !== undefined) expect(found).toEqual(greedy);
      }),
    );
  });
});

/** The rule of the specification, word by word; undefined where it gives up. */
function longestSteps(edges: readonly [number, number][], low: number, high: number) {
  const names: string[] = [];
  for (let at = low; at !== high; ) {
    const next = Math.max(
      ...edges.filter(([from, to]) => from === at && to > at && to <= high).map(([, to]) => to),
    );
    if (next === Number.NEGATIVE_INFINITY) return undefined;
    names.push(`${at}-${next}`);
    at = next;
  }
  return names;
}
