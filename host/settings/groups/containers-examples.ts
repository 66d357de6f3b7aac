/** What host and bootstrap containers, registries and certificates take and refuse: specification "settings" 6.5, 7.10, 7.17 to 7.19. */
import { certificatePem, otherPem } from "./testdata.ts";
import type { NamesRow, SettingRow } from "./testing.ts";

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
    `${"a/".repeat(255)}ab`,
    `328549459982.dkr.ecr.eu-west-1.amazonaws.com/bottlerocket-admin:v0.9.3@sha256:${"0a".repeat(32)}`,
  ],
  // Most of them the reference takes as URLs.
  refused: [
    "",
    `${"a/".repeat(256)}a`,
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

export const containersSettings: readonly SettingRow[] = [
  ["host-containers.admin.source", "", image],
  ["host-containers.admin.enabled", "", boolean],
  ["host-containers.admin.superpowered", "", boolean],
  ["host-containers.admin.user-data", "", base64],
  [
    "host-containers.admin.limits.memory",
    "",
    {
      accepted: ["16Mi", "16777216", "17M", "16384Ki", "512Mi", "2Gi", "1T", "64Ti"],
      refused: [
        "",
        "0",
        "1.5Gi",
        "512MB",
        "512m",
        "512 Mi",
        "512mi",
        "-1Gi",
        "1e9",
        "016Mi",
        "max",
        536870912,
      ],
      refusedBeyondSchema: ["16777215", "16383Ki", "16M", "70368744177665", "65Ti", "9999999999999999Ti"],
    },
  ],
  [
    "host-containers.admin.limits.cpu",
    "",
    {
      accepted: ["10m", "500m", "1500m", "0.01", "1", "1.5", "1.001", "1024", "1024000m"],
      refused: ["", "0m", "m", "1.5m", ".5", "1.", "1.0001", "01", "-1", "1k", "50%", "1,5", 1, 1.5],
      refusedBeyondSchema: ["0", "0.000", "9m", "0.009", "1024.001", "1024001m", "9999"],
    },
  ],
  [
    "host-containers.admin.limits.pids",
    "",
    { accepted: [16, 4194304], refused: [15, 0, -1, 4194305, 100.5, "100", true] },
  ],
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
];

export const containersNames: readonly NamesRow[] = ["host-containers", "bootstrap-containers", "pki"].map(
  (map) => [
    map,
    "Check 16",
    {},
    ["web-1", "--", "A9", "a".repeat(76)],
    ["a_b", "a.b", "a/b", "a".repeat(77), "é", ""],
  ],
);
