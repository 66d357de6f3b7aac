import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { readCommandLine } from "./command-line.ts";

const command = (...args: string[]) => {
  const line = readCommandLine(args);
  return line.kind === "run" ? line.command : line;
};

describe("the command line of apiclient", () => {
  const uri = { kind: "raw", method: "GET", uri: "/tx", data: "" };
  const table: [what: string, args: string[], expected: unknown][] = [
    ["means raw without a subcommand", ["-u", "/tx"], uri],
    ["takes options after the subcommand", ["raw", "-u", "/tx"], uri],
    ["takes global options before the subcommand", ["-s", "/s", "-v", "raw", "-u", "/tx"], uri],
    ["does not take an option's value for a subcommand", ["-s", "set", "raw", "-u", "/tx"], uri],
    ["takes --name=value", ["raw", "--uri=/tx"], uri],
    [
      "takes a value that looks like an option",
      ["raw", "-u", "/tx", "-m", "PATCH", "-d", "-v"],
      { ...uri, method: "PATCH", data: "-v" },
    ],
    ["takes data for a GET too, where nobody reads it", ["raw", "-u", "/tx", "-d", "{}"], uri],
    ["lets the last of a repeated option win", ["raw", "-u", "/a", "-u", "/tx"], uri],
    ["shows os and settings by default", ["get"], { kind: "get", prefixes: ["os.", "settings."] }],
    ["reads stdin by default", ["apply"], { kind: "apply", sources: ["-"] }],
    [
      "takes everything after -- as a word",
      ["apply", "--", "-v", "--help"],
      { kind: "apply", sources: ["-v", "--help"] },
    ],
    ["reboots", ["reboot"], { kind: "reboot" }],
  ];
  for (const [what, args, expected] of table) {
    it(what, () => expect(command(...args)).toEqual(expected as ReturnType<typeof command>));
  }

  it("api 8.3: get refuses arguments that begin with -, also a - alone and one after --", () => {
    for (const args of [["-"], ["os.", "-"], ["--", "-x"], ["-x"]])
      expect(readCommandLine(["get", ...args])).toMatchObject({ kind: "wrong", about: "get" });
  });

  it("reads the global options wherever they stand", () => {
    const expected = { socketPath: "/x", logLevel: "debug" };
    for (const args of [
      ["-s", "/x", "-v", "reboot"],
      ["reboot", "--verbose", "--socket-path=/x"],
    ]) {
      expect(readCommandLine(args)).toMatchObject({ kind: "run", options: expected });
    }
  });

  it("splits a setting at its first =", () => {
    const line = command("set", 'kernel.sysctl."a.b"=c=d');
    expect(line).toMatchObject({
      kind: "set",
      settings: [{ key: { segments: ["settings", "kernel", "sysctl", "a.b"] }, text: "c=d" }],
    });
  });

  it("takes keys to unset, with or without settings.", () => {
    const keys = ["settings.motd", 'settings.kernel.sysctl."a.b"'];
    const line = command("unset", "motd", 'settings.kernel.sysctl."a.b"');
    expect(line).toMatchObject({ kind: "unset", keys: keys.map((text) => ({ text })) });
  });

  it("answers any words with a command, help, or one sentence, and never fails", () => {
    const word = fc.oneof(
      fc.string({ unit: "binary", maxLength: 12 }),
      fc.constantFrom(
        "raw",
        "get",
        "set",
        "unset",
        "apply",
        "reboot",
        "--",
        "-",
        "-u",
        "-s",
        "--json",
        "-j",
        "--help",
        "a=b",
        "--uri=",
        "=",
        "motd=x",
        "/os",
      ),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (args) => {
        const line = readCommandLine(args);
        if (line.kind === "wrong") expect(line.problem).not.toBe("");
        else expect(["run", "help"]).toContain(line.kind);
      }),
      { numRuns: 2000 },
    );
  });
});
