import { expect, it } from "bun:test";
import fc from "fast-check";
import { parseOsRelease } from "./os-release.ts";

const good = 'PRETTY_NAME="Pinwheel 1"\nVARIANT_ID=example\nVERSION_ID=1.11.1\nBUILD_ID=0123abcd\n';

it("any text is the five fields or one sentence about what is missing or wrong", () => {
  const piece = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.constantFrom(
      "\n",
      "=",
      '"',
      "#",
      "VERSION_ID=",
      "VERSION_ID=1.2.3",
      "BUILD_ID=",
      "PRETTY_NAME=",
      "VARIANT_ID=",
    ),
  );
  const texts = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join("")),
    // A good file with something put into its middle.
    fc.tuple(fc.nat(good.length), piece).map(([at, text]) => good.slice(0, at) + text + good.slice(at)),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const os = parseOsRelease(text, "x86_64");
      if (typeof os === "string") return expect(os).toMatch(/^its? (has no|VERSION_ID is) /);
      expect(Object.keys(os)).toEqual(["arch", "build_id", "pretty_name", "variant_id", "version_id"]);
      expect(os.version_id).toMatch(/^\d+\.\d+\.\d+/);
      for (const value of Object.values(os)) expect(value).not.toContain("\n");
    }),
    { numRuns: 2000 },
  );
});
