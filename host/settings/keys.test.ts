import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { keyFromSegments, parseKey } from "./keys.ts";

const segment = fc.stringMatching(/^[A-Za-z0-9_/.-]{1,12}$/);

describe("dotted keys (settings Check 38)", () => {
  const accepted: [text: string, segments: string[], printed: string][] = [
    ["a", ["a"], "a"],
    ["settings.motd", ["settings", "motd"], "settings.motd"],
    ['a."b.c".d', ["a", "b.c", "d"], 'a."b.c".d'],
    ['"a".b', ["a", "b"], "a.b"],
    ['a.b"."c', ["a", "b.c"], 'a."b.c"'],
    ["net/core/somaxconn", ["net/core/somaxconn"], "net/core/somaxconn"],
    ["a".repeat(255), ["a".repeat(255)], "a".repeat(255)],
  ];
  for (const [text, segments, printed] of accepted) {
    test(`${text.slice(0, 30)} has the segments ${JSON.stringify(segments).slice(0, 60)}`, () => {
      expect(parseKey(text)).toEqual({ ok: true, key: { segments, text: printed } });
    });
  }

  const refused: [text: string, reason: string][] = [
    ["", "it is empty"],
    [".a", "it has an empty segment"],
    ["a.", "it has an empty segment"],
    ["a..b", "it has an empty segment"],
    ['a.""', "it has an empty segment"],
    ['a."b', "a double quote has no partner"],
    ["a b", 'the character " " is not allowed (only A-Z a-z 0-9 _ - / and quoted dots are)'],
    ["a!b", 'the character "!" is not allowed (only A-Z a-z 0-9 _ - / and quoted dots are)'],
    ["ä", 'the character "ä" is not allowed (only A-Z a-z 0-9 _ - / and quoted dots are)'],
    ["a".repeat(256), "it is 256 characters long, and at most 255 are allowed"],
  ];
  for (const [text, reason] of refused) {
    test(`${JSON.stringify(text.slice(0, 20))} is refused: ${reason}`, () => {
      expect(parseKey(text)).toEqual({ ok: false, reason });
    });
  }

  test("quotes count for the length of 255, also when the text was given without", () => {
    const segments = ["a".repeat(250), "b.c"];
    expect(keyFromSegments(segments)).toEqual({
      ok: false,
      reason: "it is 256 characters long, and at most 255 are allowed",
    });
  });

  test("printing and reading again gives the same segments", () => {
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 6 }), (segments) => {
        const key = keyFromSegments(segments);
        if (key.ok) expect(parseKey(key.key.text)).toEqual(key);
      }),
    );
  });

  test("hostile texts get a reason or a key whose printed form is read the same", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.stringMatching(/^[a-c."/ ]{0,20}$/),
      fc.string({ minLength: 250, maxLength: 300 }),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        const parsed = parseKey(text);
        if (parsed.ok) expect(parseKey(parsed.key.text)).toEqual(parsed);
        else expect(parsed.reason).not.toBe("");
      }),
    );
  });
});
