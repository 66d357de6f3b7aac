/** Each type against its examples; that every type has some is asked in examples.test.ts. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import bootWordExamples from "../../boot/testdata/boot-words.json" with { type: "json" };
import { integer } from "./basic-types.ts";
import { canonicalIp } from "./ip-address.ts";
import { bootParameterName } from "./kernel-types.ts";
import { read, schemaTakes } from "./testing.ts";
import { nameExamples, typeExamples } from "./type-examples.ts";

for (const [name, type, { accepted, refused, refusedBeyondSchema = [] }] of typeExamples) {
  describe(name, () => {
    for (const value of accepted) {
      test(`${JSON.stringify(value).slice(0, 60)} is accepted and stored as given`, () => {
        expect(read(type, value)).toEqual({ value, problems: [] });
        expect(schemaTakes(type.schema, value)).toBe(true);
      });
    }
    for (const value of [...refused, ...refusedBeyondSchema]) {
      test(`${JSON.stringify(value).slice(0, 60)} is refused, once, in one line`, () => {
        const { value: result, problems } = read(type, value);
        expect(result).toBeUndefined();
        expect(problems).toHaveLength(1);
        expect(problems[0]).not.toContain("\n");
        expect(schemaTakes(type.schema, value)).toBe(refusedBeyondSchema.includes(value));
      });
    }
  });
}

const reserved: (typeof nameExamples)[number] = [
  "a boot parameter that the selector keeps to itself",
  bootParameterName,
  ["quiet"],
  bootWordExamples.reservedNames,
];

for (const [name, type, accepted, refused] of [...nameExamples, reserved]) {
  describe(name, () => {
    for (const value of accepted) {
      test(`${JSON.stringify(value).slice(0, 40)} is accepted`, () => {
        expect(type.problem(value)).toBeUndefined();
        expect(schemaTakes(type.schema, value)).toBe(true);
      });
    }
    for (const value of refused) {
      test(`${JSON.stringify(value).slice(0, 40)} is refused`, () => {
        expect(type.problem(value)).toBeString();
        expect(schemaTakes(type.schema, value)).toBe(false);
      });
    }
  });
}

describe("the canonical text of an address", () => {
  const table: [given: string, canonical: string | undefined][] = [
    ["0:0::1", "::1"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["FD00::00A", "fd00::a"],
    ["fd00:0:0::a", "fd00::a"],
    ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
    ["::FFFF:c000:201", "::ffff:192.0.2.1"],
    ["64:ff9b::192.0.2.1", "64:ff9b::c000:201"],
    ["1::2:2:2:192.0.2.1", "1::2:2:2:c000:201"],
    ["0:1:0:0:2:0:0:0", "0:1:0:0:2::"],
    ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
    ["1::2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["1:2:3:4:5:6:7:8::", undefined],
    ["1:2:3:4:5:6:7", undefined],
    ["192.0.2.1::", undefined],
    ["192.0.2.1", "192.0.2.1"],
    ["]/x[::1", undefined],
    ["1.2.3.4:80", undefined],
    ["FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["0FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:255.255.255.255", undefined],
  ];
  for (const [given, canonical] of table) {
    test(`of ${given} is ${canonical}`, () => expect(canonicalIp(given)).toBe(canonical));
  }

  test("is the same text when it is canonical already", () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const canonical = canonicalIp(address);
        expect(canonical).toBeString();
        expect(canonicalIp(canonical ?? "")).toBe(canonical);
      }),
    );
  });
});

describe("integers and floats", () => {
  test("5.0 is refused where 5 is accepted (settings 4.3)", () => {
    const problems: string[] = [];
    integer({ min: 0, max: 9 }).read({ kind: "float", value: 5 }, ({ problem }) => problems.push(problem));
    expect(problems).toEqual(["found the number with a fraction 5.0"]);
  });
});
