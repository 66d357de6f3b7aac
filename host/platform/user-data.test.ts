import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { buildModel, loadVariant, problemText } from "../settings/index.ts";
import { maxUserDataBytes, readUserData } from "./user-data.ts";

const model = buildModel(
  loadVariant(
    JSON.stringify({
      variant: "example",
      arch: "x86_64",
      version: "1.11.1",
      "build-id": "0123abcd",
      groups: ["motd", "updates", "network", "dns", "ntp", "kernel", "boot", "cloudformation"],
      settings: { cloudformation: { "stack-name": "web" } },
      metadata: {},
      services: {},
      "configuration-files": {},
    }),
  ),
);

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string) => readUserData(bytes(text), model);

function problems(data: Uint8Array): readonly string[] {
  const result = readUserData(data, model);
  return result.kind === "wrong" ? result.problems.map((problem) => problemText(problem)) : [result.kind];
}

describe("user data", () => {
  const settings = { motd: "hi", kernel: { sysctl: { "vm.swappiness": "10" } } };
  const good = '[settings]\nmotd = "hi"\n[settings.kernel.sysctl]\n"vm.swappiness" = "10"\n';

  test("is a TOML document with a table of settings", () => {
    expect(read(good)).toEqual({ kind: "settings", settings, leafCount: 2, ignored: [] });
  });
  test("may be written with dotted keys", () => {
    const dotted = 'settings.motd = "hi"\nsettings.kernel.sysctl."vm.swappiness" = "10"\n';
    expect(read(dotted)).toEqual(read(good));
  });
  test("platform Check 2: compressed with gzip it is the same", () => {
    expect(readUserData(gzipSync(bytes(good)), model)).toEqual(read(good));
  });
  test("with an empty table of settings sets nothing", () => {
    expect(read("[settings]\n")).toEqual({ kind: "settings", settings: {}, leafCount: 0, ignored: [] });
  });
  test("tells the top-level names that are not used", () => {
    expect(read(`version = 1\n${good}[extra]\n`)).toMatchObject({
      kind: "settings",
      ignored: ["version", "extra"],
    });
  });
  test("of white space only is none", () => {
    for (const text of ["", "\n", " \t\r\n"]) expect(read(text)).toEqual({ kind: "empty" });
    expect(readUserData(gzipSync(""), model)).toEqual({ kind: "empty" });
  });
  test("may start with a byte order mark", () => expect(read(`\ufeff${good}`)).toEqual(read(good)));
});

describe("wrong user data is told with line and column", () => {
  const table: [situation: string, text: string, place: RegExp][] = [
    ["a syntax error", '[settings]\nmotd = "open\n', /^2:\d+: /],
    ["a duplicate key", '[settings]\nmotd = "a"\nmotd = "b"\n', /^3:1: .*multiple times/],
    ["an unknown key", '[settings]\nmodt = "a"\n', /^2:1: settings\.modt: .*motd/],
    ["a wrong type", "[settings]\n\n  motd = 5\n", /^3:10: settings\.motd: found the integer 5; accepted: /],
    ["a wrong value", '[settings.network]\nhostname = "My_Host"\n', /^2:12: settings\.network\.hostname: /],
    ["a date", "[settings]\nmotd = 2020-01-01\n", /^2:8: settings\.motd: found the date/],
  ];
  for (const [situation, text, place] of table) {
    test(situation, () => {
      const found = problems(bytes(text));
      expect(found).toHaveLength(1);
      expect(found[0]).toMatch(place);
    });
  }
  test("all problems at once, in the order of the document", () => {
    const found = problems(bytes('[settings]\nmotd = 5\nnope = 1\n[settings.ntp]\ntime-servers = "x"\n'));
    expect(found.map((text) => text.split(": ")[1])).toEqual([
      "settings.motd",
      "settings.nope",
      "settings.ntp.time-servers",
    ]);
  });
});

describe("user data and the defaults together", () => {
  const signal = "[settings.cloudformation]\nshould-signal = true\n";
  test("must keep the rules between settings, which are told with line and column", () => {
    expect(problems(bytes(signal))).toEqual([
      "1:11: settings.cloudformation.logical-resource-id: it is empty, but should-signal is true; accepted: the name that the signal is for, or should-signal = false",
    ]);
  });
  test("are enough where a rule asks for a setting", () => {
    expect(problems(bytes(`${signal}logical-resource-id = "nodes"\n`))).toEqual(["settings"]);
  });
});

describe("wrong as a whole is user data", () => {
  const table: [situation: string, data: Uint8Array, message: string][] = [
    [
      "platform Check 5: without a table of settings",
      bytes("[other]\nx = 1\n"),
      '1:1: found only "other" at the top level; accepted: a table named "settings" that holds the settings',
    ],
    [
      "for cloud-init",
      bytes("#cloud-config\nusers: []\n"),
      'found a cloud-init document or a script; accepted: TOML with a table named "settings", for example: settings.motd = "Hello"',
    ],
    [
      "that is a script",
      bytes("#!/bin/sh\n"),
      'found a cloud-init document or a script; accepted: TOML with a table named "settings", for example: settings.motd = "Hello"',
    ],
    [
      "that is not UTF-8",
      new Uint8Array([0x61, 0xc3, 0x28]),
      "found bytes that are not UTF-8; accepted: text in UTF-8",
    ],
    [
      "with a cut gzip",
      gzipSync(bytes("settings.motd = 'x'")).subarray(0, 20),
      "found gzip data that cannot be decompressed (unexpected end of file); accepted: TOML, plain or compressed with gzip",
    ],
    [
      "that unpacks to more than fits",
      gzipSync(new Uint8Array(maxUserDataBytes + 1)),
      `found gzip data that cannot be decompressed (Cannot create a Buffer larger than ${maxUserDataBytes} bytes); accepted: TOML, plain or compressed with gzip`,
    ],
  ];
  for (const [situation, data, message] of table) {
    test(situation, () => expect(problems(data)).toEqual([message]));
  }
  test("platform Check 2: encoded as base64", () => {
    expect(problems(bytes(btoa('settings.motd = "x"')))[0]).toMatch(/^1:\d+: /);
  });
  test("of one byte 1f, which is no gzip", () => expect(problems(new Uint8Array([0x1f]))).toHaveLength(1));
});

describe("hostile user data", () => {
  test("of any bytes is settings, nothing, or told problems; never a crash", () => {
    const start = fc.constantFrom("", "[settings]\n", "settings.motd = ", "\x1f\x8b\x08");
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 200 }), (text, more) => {
        const result = readUserData(new Uint8Array([...bytes(text), ...more]), model);
        if (result.kind === "wrong") expect(result.problems.length).toBeGreaterThan(0);
      }),
    );
  });
  test("with names of JavaScript's own sets nothing", () => {
    for (const name of ["__proto__", "constructor", "toString"]) {
      expect(problems(bytes(`[settings]\n${name} = "x"\n`))[0]).toContain(`settings.${name}`);
      expect(problems(bytes(`[settings.kernel.modules.${name}]\nallowed = false\n`))).toEqual(["settings"]);
    }
    expect(({} as { allowed?: boolean }).allowed).toBeUndefined();
  });
  test("nested a thousand deep is told", () => {
    expect(problems(bytes(`settings.motd = ${"[".repeat(1000)}${"]".repeat(1000)}\n`))).not.toEqual([
      "settings",
    ]);
  });
});
