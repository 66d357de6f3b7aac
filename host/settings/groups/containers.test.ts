/** Host and bootstrap containers, registries, certificates: specification "settings" 6.5, 7.10, 7.17 to 7.19. */
import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { type Json, problemText, sourceFromJson } from "../source.ts";
import { testModel } from "../testing.ts";
import { certificatePem, otherPem } from "./testdata.ts";
import { brokenRules, describeNames, describeSettings } from "./testing.ts";

const encoded = (text: string) => Buffer.from(text).toString("base64");
const boolean = { accepted: [true, false], refused: ["true", 0] };
const base64 = {
  accepted: ["", "aG9zdA==", "aG9zdA"],
  refused: ["not base64!", "aGk=\n", "a", "aGl=", "-_-_"],
};
const image = {
  accepted: [
    "registry.lan/team/image:v3",
    "localhost:5000/a",
    "a",
    "docker.io/library/alpine:3",
    "[fd00::1]:5000/a/b_c",
    `328549459982.dkr.ecr.eu-west-1.amazonaws.com/bottlerocket-admin:v0.9.3@sha256:${"0a".repeat(32)}`,
  ],
  // Most of them the reference takes as URLs.
  refused: [
    "",
    "https://registry.lan/image",
    "registry.lan/Image:v3",
    "a b",
    "a\n",
    "a:",
    "a@sha256:00",
    "/a",
    "a/",
    " a",
    5,
  ],
};

describeSettings([
  ["host-containers.admin.source", "", image],
  ["host-containers.admin.enabled", "", boolean],
  ["host-containers.admin.superpowered", "", boolean],
  ["host-containers.admin.user-data", "", base64],
  ["bootstrap-containers.prepare.source", "", image],
  [
    "bootstrap-containers.prepare.mode",
    "",
    { accepted: ["off", "once", "always"], refused: ["Once", "", "never", true] },
  ],
  ["bootstrap-containers.prepare.user-data", "", base64],
  ["bootstrap-containers.prepare.essential", "", boolean],
  [
    "container-registry.mirrors",
    "Check 9",
    {
      accepted: [
        [],
        [{ registry: "*", endpoint: [] }],
        [{ registry: "docker.io", endpoint: ["https://m.lan", "m2.lan:5000"] }],
        [{}],
      ],
      converted: [
        [{ "quay.io": ["https://m.lan"] }, [{ registry: "quay.io", endpoint: ["https://m.lan"] }]],
        [
          { b: [], a: [] },
          [
            { registry: "b", endpoint: [] },
            { registry: "a", endpoint: [] },
          ],
        ],
        [{}, []],
      ],
      refused: [
        [{ registry: "quay.io", tls: true }],
        null,
        "quay.io",
        [["quay.io", []]],
        [{ registry: "a\nb" }],
        [{ endpoint: "m.lan" }],
        { "quay.io": "m.lan" },
        { "quay.io": null },
      ],
      refusedBeyondSchema: [[{ endpoint: ["two words"] }], { "quay.io": ["two words"] }],
    },
  ],
  [
    "container-registry.credentials",
    "",
    {
      accepted: [
        [],
        [{ registry: "r.lan", username: "u", password: "p", auth: "dTpw", identitytoken: "t" }],
        [{}],
      ],
      refused: [
        [{ registry: "r.lan", user: "u" }],
        [{ auth: "not base64!" }],
        [{ password: "a\nb" }],
        [{ password: 5 }],
        { registry: "r" },
        "r",
      ],
    },
  ],
  [
    "pki.company.data",
    "Check 23",
    {
      accepted: [
        "",
        " \n",
        encoded(certificatePem),
        encoded(`# two\r\n${certificatePem}\n${certificatePem.replaceAll("\n", "\r\n")}`),
      ],
      refused: ["not base64!", 5, true],
      refusedBeyondSchema: [
        encoded("no certificate"),
        encoded(certificatePem.split("-----END")[0] ?? ""),
        encoded(`${certificatePem}${otherPem}`),
        encoded("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"),
      ],
    },
  ],
  ["pki.company.trusted", "", boolean],
]);

describeNames(
  ["host-containers", "bootstrap-containers", "pki"].map((map) => [
    map,
    "Check 16",
    {},
    ["web-1", "--", "A9", "a".repeat(76)],
    ["a_b", "a.b", "a/b", "a".repeat(77), "é", ""],
  ]),
);

test("the certificate of these tests is one", () => {
  expect(new X509Certificate(certificatePem).subject).toBe("CN=settings test");
});

describe("container-registry as a whole", () => {
  const model = testModel();
  const ask = (registry: Json) => {
    const checked = model.checkSettings(sourceFromJson({ "container-registry": registry }));
    return checked.ok ? Object.fromEntries(checked.leaves) : checked.problems.map((one) => problemText(one));
  };

  test("Check 10: creds is another name of credentials, and both at once are refused", () => {
    expect(ask({ creds: [] })).toEqual({ "settings.container-registry.credentials": [] });
    expect(ask({ creds: [], credentials: [] })).toEqual([
      'settings.container-registry.credentials: "creds" is given as well; accepted: the setting once, under one of its names',
    ]);
  });
  test("passwords, tokens and what holds them are not shown when they are refused", () => {
    expect(ask({ credentials: [{ auth: "hunter2!", password: 1234, identitytoken: "a\nb" }] })).toEqual([
      "settings.container-registry.credentials: item 1: auth: found a text, not shown because it is secret; accepted: a string in base64, without line breaks",
      "settings.container-registry.credentials: item 1: password: found an integer, not shown because it is secret; accepted: a string without line breaks",
      "settings.container-registry.credentials: item 1: identitytoken: found a text, not shown because it is secret; accepted: a string without line breaks",
    ]);
    for (const key of ["container-registry.credentials", "container-registry", "settings"]) {
      expect(JSON.stringify(model.convertText(key, "hunter2!"))).not.toContain("hunter2");
    }
  });
});

const rules: [situation: string, document: { readonly [name: string]: Json }, broken: readonly string[]][] = [
  [
    "a host container that is enabled without a source",
    { "host-containers": { a: { enabled: true } } },
    ["settings.host-containers.a.source: missing, but enabled is true"],
  ],
  [
    "a host container that is not enabled",
    { "host-containers": { a: { enabled: false }, b: { superpowered: true } } },
    [],
  ],
  [
    "a bootstrap container that is to run without a source",
    { "bootstrap-containers": { a: { mode: "once" } } },
    ["settings.bootstrap-containers.a.source: missing, but mode is once"],
  ],
  [
    "a bootstrap container that is off",
    { "bootstrap-containers": { a: { mode: "off" }, b: { essential: true } } },
    [],
  ],
  [
    "mirrors and credentials without what files need of them",
    {
      "container-registry": {
        mirrors: [{ registry: "a" }, { endpoint: [] }],
        credentials: [{}, { registry: "a" }],
      },
    },
    [
      "settings.container-registry.mirrors: item 1 has no endpoint",
      "settings.container-registry.mirrors: item 2 has no registry",
      "settings.container-registry.credentials: item 1 has no registry",
    ],
  ],
];
describe("rules between the settings", () => {
  for (const [situation, document, broken] of rules) {
    test(situation, () => expect(brokenRules(document)).toEqual(broken));
  }
});
