import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Manifest, manifestText, parseManifest, parseMigrationKey } from "./manifest.ts";
import { parseVersion, type Version } from "./version.ts";

function version(text: string): Version {
  const parsed = parseVersion(text);
  if (parsed === undefined) throw new Error(`${text} is no version`);
  return parsed;
}

// Specification "updates" 13.1.
const example = `{
  "updates": [
    {
      "variant": "metal-dev",
      "arch": "aarch64",
      "version": "2.3.4",
      "max_version": "2.3.4",
      "waves": {
        "0": "2031-05-01T08:00:00Z",
        "102": "2031-05-02T08:00:00Z"
      },
      "images": {
        "boot": "b.lz4",
        "root": "r.lz4",
        "hash": "h.lz4"
      }
    }
  ],
  "migrations": {
    "(2.3.3, 2.3.4)": [],
    "(2.2.0, 2.3.3)": [
      "migrate_v2.3.3_demo.lz4"
    ]
  }
}
`;

describe("manifest.json", () => {
  test("is written as the reference writes it, and read back", () => {
    const manifest = parseManifest("manifest.json", example);
    expect(manifest.updates[0]?.waves).toEqual(
      new Map([
        [0, 1_935_388_800_000_000_000n],
        [102, 1_935_475_200_000_000_000n],
      ]),
    );
    expect(manifestText(manifest)).toBe(example);
  });

  test("Check 17: unknown fields are accepted", () => {
    const more = example
      .replace('"arch"', '"status": "Ready", "arch"')
      .replace('"migrations"', '"datastore_versions": {}, "migrations"');
    expect(parseManifest("m", more)).toEqual(parseManifest("m", example));
  });

  const refused: [what: string, from: string, to: string, problem: string][] = [
    [
      "Check 17: a wave key that is no number",
      '"102"',
      '"12x"',
      'm:10:16: updates[0].waves: found the bound "12x"; accepted: a whole number below 2^32',
    ],
    [
      "Check 17: one bound written in two ways",
      '"102"',
      '"00"',
      "m:10:15: updates[0].waves: the bound 0 is given twice; accepted: each bound once",
    ],
    [
      "a time without its zone",
      "05-02T08:00:00Z",
      "05-02T08:00:00",
      'm:10:16: updates[0].waves.102: found the text "2031-05-02T08:00:00"; accepted: a time as in RFC 3339',
    ],
    [
      "a version with v",
      '"version": "2.3.4"',
      '"version": "v2.3.4"',
      'm:6:18: updates[0].version: found the text "v2.3.4"; accepted: a version like 1.11.1, without v',
    ],
    ["a missing image", '"boot": "b.lz4",', "", "m: updates[0].images.boot: missing; accepted: a string"],
    [
      "a pair that is none",
      "(2.2.0, 2.3.3)",
      "2.2.0, 2.3.3",
      'm:21:21: migrations."2.2.0, 2.3.3": not two versions; accepted: a key like "(1.11.0, 1.11.1)"',
    ],
    [
      "one pair written in two ways",
      "(2.2.0, 2.3.3)",
      "from (2.3.3,2.3.4) on",
      'm:21:30: migrations."from (2.3.3,2.3.4) on": (2.3.3, 2.3.4) is given twice; accepted: each pair once',
    ],
  ];
  for (const [what, from, to, problem] of refused) {
    test(`${what} is refused with its place`, () => {
      expect(() => parseManifest("m", example.replace(from, to))).toThrow(
        `The manifest cannot be read:\n${problem}`,
      );
    });
  }

  test("any manifest is the same after it was written and read", () => {
    const numbers = fc.tuple(fc.nat(9), fc.nat(20), fc.nat(20)).map((parts) => version(parts.join(".")));
    const waves = fc.dictionary(
      fc.nat(2048).map(String),
      fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n }),
    );
    const update = fc.record({
      variant: fc.string(),
      arch: fc.constantFrom("x86_64", "aarch64"),
      version: numbers,
      maxVersion: numbers,
      waves: waves.map((of) => new Map(Object.entries(of).map(([bound, time]) => [Number(bound), time]))),
      images: fc.record({ boot: fc.string(), root: fc.string(), hash: fc.string() }),
    });
    const step = fc.record({ from: numbers, to: numbers, names: fc.array(fc.string()) });
    const manifests: fc.Arbitrary<Manifest> = fc.record({
      updates: fc.array(update),
      migrations: fc.uniqueArray(step, { selector: ({ from, to }) => `${from.text} ${to.text}` }),
    });
    fc.assert(
      fc.property(manifests, (manifest) => {
        expect(parseManifest("m", manifestText(manifest))).toEqual(manifest);
      }),
    );
  });

  test("no text makes the reader do anything but read or refuse", () => {
    const texts = fc.oneof(fc.string(), fc.json(), fc.constant("[".repeat(10_000)));
    fc.assert(
      fc.property(texts, (text) => {
        expect(() => parseManifest("m", text)).toThrow("The manifest cannot be read:");
      }),
    );
  });

  test("the key of a migration step takes spaces after its comma and anything around it", () => {
    expect(parseMigrationKey("see (1.0.0,   1.1.0)!")).toMatchObject({
      from: { text: "1.0.0" },
      to: { text: "1.1.0" },
    });
    for (const key of ["(1.0.0)", "(1.0.0, )", "(1.0, 1.1.0)", "(v1.0.0, 1.1.0)", ""]) {
      expect(parseMigrationKey(key)).toBeUndefined();
    }
  });
});
