import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { compareVersions, parseVersion, type Version } from "./version.ts";

function version(text: string): Version {
  const parsed = parseVersion(text);
  if (parsed === undefined) throw new Error(`${text} is no version`);
  return parsed;
}

describe("versions", () => {
  test("are ordered by number, pre-release and build metadata", () => {
    const ascending = [
      "0.9.10",
      "1.0.0-1",
      "1.0.0-2",
      "1.0.0-10",
      "1.0.0-alpha",
      "1.0.0-alpha.1",
      "1.0.0-beta",
      "1.0.0",
      "1.0.0+1",
      "1.0.0+01",
      "1.0.0+2",
      "1.0.0+a",
      "1.0.0+a.1",
      "1.0.9",
      "1.0.10",
      "99999999999999999999.0.0",
    ];
    const shuffled = [...ascending].reverse().map(version).sort(compareVersions);
    expect(shuffled.map(({ text }) => text)).toEqual(ascending);
  });
  for (const text of [
    "",
    "1",
    "1.2",
    "v1.2.3",
    "1.2.3.4",
    "01.2.3",
    "1.2.3-",
    "1.2.3-01",
    "1.2.3+",
    " 1.2.3",
  ]) {
    test(`${JSON.stringify(text)} is none`, () => expect(parseVersion(text)).toBeUndefined());
  }
  test("any two compare one way round, and only equal texts are equal", () => {
    const identifier = fc.stringMatching(/^(0|[1-9][0-9]{0,3}|[a-z-][a-z0-9-]{0,3})$/);
    const list = (mark: string) =>
      fc
        .array(identifier, { maxLength: 3 })
        .map((words) => (words.length === 0 ? "" : mark + words.join(".")));
    const any = fc
      .tuple(fc.nat(3), fc.nat(3), fc.nat(30), list("-"), list("+"))
      .map(([major, minor, patch, pre, build]) => version(`${major}.${minor}.${patch}${pre}${build}`));
    fc.assert(
      fc.property(any, any, (a, b) => {
        const [there, back] = [Math.sign(compareVersions(a, b)), Math.sign(compareVersions(b, a))];
        expect(there + back).toBe(0);
        expect(there === 0).toBe(a.text === b.text);
      }),
    );
  });
});
