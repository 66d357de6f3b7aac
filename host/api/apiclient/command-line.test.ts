import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { readCommandLine } from "./command-line.ts";

const command = (...args: string[]) => {
  const line = readCommandLine(args);
  return line.kind === "run" ? line.command : line;
};

const wrongAbout = (about: string, problem: string) => ({ kind: "wrong", about, problem });

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
    [
      "reads stdin by default",
      ["apply"],
      { kind: "apply", sources: ["-"], manner: { kind: "change", wait: undefined } },
    ],
    [
      "takes everything after -- as a word",
      ["apply", "--", "-v", "--help"],
      { kind: "apply", sources: ["-v", "--help"], manner: { kind: "change", wait: undefined } },
    ],
    ["reboots", ["reboot"], { kind: "reboot" }],
    ["looks for updates", ["update", "check"], { kind: "update-check" }],
    [
      "applies an update",
      ["update", "apply"],
      { kind: "update-apply", check: false, reboot: false, retry: false },
    ],
    [
      "takes the options of an update wherever they stand",
      ["update", "-c", "apply", "-r", "--retry"],
      { kind: "update-apply", check: true, reboot: true, retry: true },
    ],
    ["cancels an update", ["update", "cancel"], { kind: "update-cancel" }],
    [
      "shows how updates stand",
      ["update", "status", "--output", "json"],
      { kind: "update-status", output: "json" },
    ],
    [
      "needs to know what to do about updates",
      ["update"],
      wrongAbout("update", "update needs one of the words check, apply, cancel, status"),
    ],
    [
      "refuses words of update that there are not",
      ["update", "frobnicate"],
      wrongAbout(
        "update",
        'update needs one of the words check, apply, cancel, status, and not "frobnicate"',
      ),
    ],
    [
      "refuses options of another word of update",
      ["update", "cancel", "--reboot"],
      wrongAbout("update", "update cancel has no option --reboot"),
    ],
    [
      "refuses words after those of update",
      ["update", "check", "now"],
      wrongAbout("update", 'update check takes no argument, but got "now"'),
    ],
    ["shows the status as text", ["status"], { kind: "status", output: "text" }],
    ["shows a diagnosis as JSON", ["doctor", "--output", "json"], { kind: "doctor", output: "json" }],
    ["shows a log", ["logs", "admin"], { kind: "logs", uri: "/logs?unit=admin" }],
    [
      "hands what is asked of a log to the server, whatever it is",
      ["logs", "-f", "-n", "5", "--since", "a&b", "--", "-x"],
      { kind: "logs", uri: "/logs?unit=-x&follow=true&since=a%26b&lines=5" },
    ],
    [
      "refuses to show two logs",
      ["logs", "a", "b"],
      wrongAbout("logs", 'logs shows one log, but got "a" and "b"'),
    ],
    [
      "needs the name of a log",
      ["logs"],
      wrongAbout("logs", "logs needs the NAME of a unit or container; apiclient status has them all"),
    ],
    [
      "refuses words after status",
      ["status", "x"],
      wrongAbout("status", 'status takes no argument, but got "x"'),
    ],
    [
      "refuses another form of output",
      ["doctor", "--output=yaml"],
      wrongAbout("doctor", '--output is "yaml"; accepted: text, json'),
    ],
  ];
  for (const [what, args, expected] of table) {
    it(what, () => expect(command(...args)).toEqual(expected as ReturnType<typeof command>));
  }

  const flags: [what: string, ...ways: string[][]][] = [
    ["--uri", ["raw", "-u", "/x"], ["raw", "--uri", "/x"], ["raw", "--uri=/x"]],
    ["--method", ...["-m", "-X", "--method"].map((flag) => ["raw", "-u", "/x", flag, "PATCH"])],
    ["--data", ...["-d", "--data"].map((flag) => ["raw", "-u", "/x", "-m", "POST", flag, "{}"])],
    ["--json", ["set", "-j", "{}"], ["set", "--json", "{}"], ["set", "--json={}"]],
    ["--socket-path", ["-s", "/s", "reboot"], ["--socket-path", "/s", "reboot"]],
    ["--verbose", ["-v", "reboot"], ["--verbose", "reboot"], ["--log-level", "DEBUG", "reboot"]],
    ["--help", ["get", "-h"], ["get", "--help"], ["-h", "get"]],
  ];
  for (const [what, first = [], ...others] of flags) {
    it(`api 8: ${what} may be written in ${others.length + 1} ways`, () => {
      const read = readCommandLine(first);
      expect(read.kind).toBe(what === "--help" ? "help" : "run");
      for (const way of others) expect(readCommandLine(way)).toEqual(read);
    });
  }

  it("api 8.3: get refuses arguments that begin with -, also a - alone and one after --", () => {
    for (const args of [["-"], ["os.", "-"], ["--", "-x"], ["-x"]])
      expect(readCommandLine(["get", ...args])).toMatchObject({ kind: "wrong", about: "get" });
  });

  const manners: [args: string[], manner: unknown][] = [
    [[], { kind: "change", wait: undefined }],
    [["--wait"], { kind: "change", wait: true }],
    [["--no-wait"], { kind: "change", wait: false }],
    [["--dry-run"], { kind: "dry-run", output: "text" }],
    [["--dry-run", "--output", "json"], { kind: "dry-run", output: "json" }],
    [["--output=text", "--dry-run"], { kind: "dry-run", output: "text" }],
  ];
  for (const [args, manner] of manners) {
    it(`reads how a change is made, for set, unset and apply: ${args.join(" ") || "no option"}`, () => {
      for (const change of [
        ["set", "motd=x"],
        ["set", "-j", "{}"],
        ["unset", "motd"],
        ["apply", "-"],
      ])
        expect(command(...change, ...args)).toMatchObject({ manner: manner as object });
    });
  }

  const contradictions: [args: string[], says: string][] = [
    [["--wait", "--no-wait"], "--wait and --no-wait exclude each other"],
    [["--dry-run", "--wait"], "--dry-run changes nothing: leave --wait out"],
    [["--dry-run", "--try"], "--dry-run changes nothing: leave --try out"],
    [["--output", "json"], "--output is for what --dry-run shows"],
    [["--dry-run", "--output", "yaml"], '--output is "yaml"; accepted: text, json'],
  ];
  for (const [args, says] of contradictions) {
    it(`refuses ${args.join(" ")}`, () => {
      for (const change of [
        ["set", "motd=x"],
        ["unset", "motd"],
        ["apply", "-"],
      ]) {
        const line = command(...change, ...args);
        expect(line).toMatchObject({ kind: "wrong", about: change[0] as "set" });
        expect("problem" in line ? line.problem : "").toStartWith(says);
      }
    });
  }

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

  describe("--try", () => {
    const changes: [args: string[], kind: string][] = [
      [["set", "motd=x"], "set"],
      [["set", "-j", "{}"], "set-json"],
      [["unset", "motd"], "unset"],
      [["apply"], "apply"],
    ];
    for (const [args, kind] of changes) {
      it(`puts ${args.join(" ")} on trial, for two minutes or as long as --timeout says`, () => {
        expect(command(...args)).toMatchObject({ kind, manner: { trySeconds: undefined } });
        expect(command(...args, "--try")).toMatchObject({ kind, manner: { trySeconds: 120 } });
        expect(command(...args, "--timeout=90s", "--try")).toMatchObject({
          kind,
          manner: { trySeconds: 90 },
        });
      });
      it(`of ${args.join(" ")} is needed for --timeout, whose form is checked`, () => {
        const wrong = (problem: string) => ({ kind: "wrong", problem }) as const;
        expect(command(...args, "--timeout", "2m")).toMatchObject(
          wrong("--timeout is the time of a trial; give --try too"),
        );
        expect(command(...args, "--try", "--timeout", "soon")).toMatchObject(
          wrong('--timeout is "soon"; accepted: 1s to 24h, such as 90s, 2m or 1h30m'),
        );
      });
    }
    it("is no option of other subcommands", () => {
      expect(command("get", "--try")).toMatchObject({ kind: "wrong", problem: "unknown option --try" });
    });
  });

  it("confirms and reverts without any argument", () => {
    for (const kind of ["confirm", "revert"]) {
      expect(command(kind)).toEqual({ kind } as ReturnType<typeof command>);
      const problem = `${kind} takes no argument, but got "motd"`;
      expect(command(kind, "motd")).toMatchObject({ kind: "wrong", problem });
    }
  });

  it("answers any words with a command, help, or one sentence, and never fails", () => {
    const word = fc.oneof(
      fc.string({ unit: "binary", maxLength: 12 }),
      fc.constantFrom(
        "raw",
        "get",
        "set",
        "unset",
        "confirm",
        "--try",
        "--timeout",
        "apply",
        "reboot",
        "update",
        "check",
        "--retry",
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
        "--wait",
        "--dry-run",
        "--output",
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
