import { describe, expect, it } from "bun:test";
import type { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { certificatesOf } from "../../settings/index.ts";
import { bundleText, readPki, trustedCertificates } from "./bundle.ts";
import { commonNames, country, organization, twoLines, units } from "./testing.ts";

const encoded = (pem: string) => Buffer.from(pem).toString("base64");

function read(pem: string): readonly X509Certificate[] {
  const found = certificatesOf(pem);
  if ("problem" in found) throw new Error(found.problem);
  return found.certificates;
}

describe("the text of a bundle", () => {
  const table: [what: string, pem: string, comment: string][] = [
    ["its first common name", commonNames, "# Company Root, first\n"],
    ["without one, its first organizational unit", units, "# Unit One\n"],
    ["without that, its organization", organization, "# Nur Ämter GmbH\n"],
    ["without any of them, nothing", country, ""],
    ["a name of two lines on one line", twoLines, "# two lines\n"],
  ];
  for (const [what, pem, comment] of table) {
    it(`has before a certificate ${what}, and an empty line behind it`, () => {
      expect(bundleText(read(pem))).toBe(`${comment}${pem}\n`);
    });
  }

  it("is read back as the same certificates, and written again as the same text", () => {
    const text = bundleText(read(commonNames + organization + country));
    expect(bundleText(read(text))).toBe(text);
    expect(bundleText(read(text.replaceAll("\n", "\r\n")))).toBe(text);
  });
});

describe("the certificates that are trusted", () => {
  const source = commonNames + units + organization;
  const trustedWith = (pki: object) => {
    const settings = readPki(pki);
    expect(settings.problems).toEqual([]);
    return bundleText(trustedCertificates(read(source), settings));
  };
  const bundle = (pem: string) => bundleText(read(pem));

  const table: [rule: string, pki: object, trusted: string][] = [
    ["without settings: those of the source, in its order", {}, source],
    [
      "a trusted bundle: its certificates come behind those of the source",
      { company: { data: encoded(country + twoLines), trusted: true } },
      source + country + twoLines,
    ],
    [
      "rendered-config Check 42: a distrusted certificate of the source is absent, all others are there",
      { bad: { data: encoded(units), trusted: false } },
      commonNames + organization,
    ],
    [
      "a bundle that does not say whether it is trusted is not",
      { bad: { data: encoded(units) } },
      commonNames + organization,
    ],
    [
      "distrust wins over trust, whichever comes first",
      {
        a: { data: encoded(country), trusted: true },
        b: { data: encoded(country + units) },
        c: { data: encoded(units), trusted: true },
      },
      commonNames + organization,
    ],
    [
      "each is there once (the reference repeats them)",
      {
        a: { data: encoded(country + country + commonNames), trusted: true },
        b: { data: encoded(country), trusted: true },
      },
      source + country,
    ],
    [
      "another label does not make another certificate (it does in the reference)",
      { bad: { data: encoded(units.replaceAll(" CERTIFICATE", " X509 CERTIFICATE")) } },
      commonNames + organization,
    ],
    [
      "bundles without data count for nothing",
      { a: { data: "", trusted: true }, b: { data: " \n" }, c: { trusted: true }, d: {} },
      source,
    ],
  ];
  for (const [rule, pki, trusted] of table) it(rule, () => expect(trustedWith(pki)).toBe(bundle(trusted)));

  it("are never distrusted ones and never the same twice, whatever is asked for", () => {
    const all = [commonNames, units, organization, country, twoLines];
    const some = fc.subarray(all, { minLength: 0 });
    fc.assert(
      fc.property(some, some, some, (shipped, trusted, distrusted) => {
        const of = (pems: readonly string[]) => pems.flatMap(read);
        const result = trustedCertificates(of([...shipped, ...shipped]), {
          trusted: of(trusted),
          distrusted: of(distrusted),
        });
        const wanted = all.filter(
          (pem) => (shipped.includes(pem) || trusted.includes(pem)) && !distrusted.includes(pem),
        );
        expect(result.map(String).sort()).toEqual(of(wanted).map(String).sort());
      }),
      { numRuns: 50 },
    );
  });
});

it("every bundle that is wrong is named by its settings key", () => {
  const broken = `${commonNames}${units.replace("MII", "AAA")}`;
  const { problems } = readPki({
    wrong: { data: encoded(broken), trusted: true },
    company: { data: "not base64!", trusted: true },
    number: { data: 5 },
    open: { data: encoded(units.slice(0, 100)) },
    good: { data: encoded(units) },
  });
  expect(problems).toEqual([
    "settings.pki.company.data: it is not base64",
    "settings.pki.number.data: it is not base64",
    "settings.pki.open.data: PEM block 1 has no END line",
    "settings.pki.wrong.data: PEM block 2 is not a certificate",
  ]);
});
