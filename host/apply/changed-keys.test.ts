import { expect, test } from "bun:test";
import fc from "fast-check";
import { Failure } from "../linux/failure.ts";
import { parseChangedKeys } from "./changed-keys.ts";

test("the changed keys are a JSON array of names", () => {
  expect(parseChangedKeys('["settings.motd", "settings.ntp.time-servers"]\n')).toEqual([
    "settings.motd",
    "settings.ntp.time-servers",
  ]);
});

const wrong: [input: string, found: string][] = [
  ["", "nothing"],
  ["{}", "not an array"],
  ["not json", "not JSON"],
  ["[]", "an empty array"],
  ['["settings.motd", 5]', "element 1 is not the name of a setting"],
  ['[""]', "element 0 is not the name of a setting"],
];
for (const [input, found] of wrong) {
  test(`rendered-config Check 3: ${JSON.stringify(input)} is refused, saying what is needed`, () => {
    expect(() => parseChangedKeys(input)).toThrow(
      `The changed keys on standard input are not a JSON array of strings: ${found}`,
    );
  });
}

test("any other input is refused with a Failure", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      try {
        expect(parseChangedKeys(text).every((key) => typeof key === "string")).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
      }
    }),
  );
});
