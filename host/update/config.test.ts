import { describe, expect, it } from "bun:test";
import { parseUpdogConfig, proxyVariables } from "./config.ts";

const WHOLE = `metadata_base_url = "https://u.example/m/"
targets_base_url = "https://u.example/t/"
seed = 812
version_lock = "latest"
ignore_waves = false
`;

const read = (text: string) => parseUpdogConfig("/etc/updog.toml", text);

describe("/etc/updog.toml (updates 5)", () => {
  it("has five keys; others are ignored", () => {
    expect(read(`${WHOLE}something = "else"\n`)).toEqual({
      metadataUrl: "https://u.example/m/",
      targetsUrl: "https://u.example/t/",
      seed: 812,
      versionLock: { kind: "latest" },
      ignoreWaves: false,
      noProxy: [],
    });
  });

  it("is refused with every problem, its line and its key (Check 16)", () => {
    const text = `metadata_base_url = "u.example/m/"
seed = -1
version_lock = "banana"
ignore_waves = "no"
https_proxy = 3128
no_proxy = ["a", 1]
`;
    expect(() => read(text)).toThrow(
      [
        "The configuration of updates cannot be used:",
        '/etc/updog.toml:1:21: metadata_base_url: found the text "u.example/m/"; accepted: a complete URL, such as https://updates.example.com/metadata/',
        "/etc/updog.toml: targets_base_url: missing; accepted: a string",
        "/etc/updog.toml:2:8: seed: found the integer -1; accepted: a whole number from 0 to 4294967295",
        '/etc/updog.toml:3:16: version_lock: found the text "banana"; accepted: "latest" or a version such as "v1.11.1"',
        '/etc/updog.toml:4:16: ignore_waves: found the text "no"; accepted: true or false',
        "/etc/updog.toml:5:15: https_proxy: found the integer 3128; accepted: a string",
        "/etc/updog.toml:6:12: no_proxy: found a list; accepted: a list of strings",
      ].join("\n"),
    );
  });

  it("is refused where it is no TOML", () => {
    expect(() => read("seed = \n")).toThrow("/etc/updog.toml:2:1: not readable as TOML");
  });
});

describe("the proxy (updates 5)", () => {
  const variables = (more: string) => proxyVariables(read(WHOLE + more));
  const table: [more: string, expected: Record<string, string>][] = [
    ["", {}],
    ['https_proxy = ""\nno_proxy = ["a"]\n', {}],
    ['no_proxy = ["a"]\n', {}],
    ['https_proxy = "proxy:3128"\n', { HTTPS_PROXY: "proxy:3128" }],
    ['https_proxy = "proxy:3128"\nno_proxy = []\n', { HTTPS_PROXY: "proxy:3128" }],
    [
      'https_proxy = "proxy:3128"\nno_proxy = ["a", ".b.c"]\n',
      { HTTPS_PROXY: "proxy:3128", NO_PROXY: "a,.b.c" },
    ],
  ];
  for (const [more, expected] of table) {
    it(JSON.stringify(more), () => expect(variables(more)).toEqual(expected));
  }
});
