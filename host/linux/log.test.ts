import { describe, expect, test } from "bun:test";
import { Failure, failuresOf, failureText } from "./failure.ts";
import { type LogLevel, log, parseLogLevel } from "./log.ts";

function lines(program: string, level: LogLevel | undefined): { stdout: string[]; stderr: string[] } {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const say = log(program, level, {
    toStdout: (line) => stdout.push(line),
    toStderr: (line) => stderr.push(line),
    now: () => new Date("2026-01-02T03:04:05.678Z"),
  });
  say.error("e");
  say.warn("w");
  say.info("i");
  say.debug("d");
  say.trace("t");
  return { stdout, stderr };
}

describe("log lines (api 1)", () => {
  test("errors go to stderr, the others to stdout, info and above when not told otherwise", () => {
    expect(lines("storewolf", undefined)).toEqual({
      stdout: ["03:04:05 [WARN] w\n", "03:04:05 [INFO] i\n"],
      stderr: ["03:04:05 [ERROR] e\n"],
    });
  });

  test("apiclient prints nothing but results on stdout", () => {
    expect(lines("apiclient", "warn")).toEqual({
      stdout: [],
      stderr: ["03:04:05 [ERROR] e\n", "03:04:05 [WARN] w\n"],
    });
  });

  test("errors carry their level to the journal, on every line, so that it shows them on the console", () => {
    const stderr: string[] = [];
    const say = log("configure-host", "info", {
      toStdout: () => {},
      toStderr: (line) => stderr.push(line),
      now: () => new Date("2026-01-02T03:04:05.678Z"),
      stderrIsJournal: true,
    });
    say.error("first\nsecond");
    expect(stderr).toEqual(["<3>03:04:05 [ERROR] first\n<3>second\n"]);
  });

  test("off is silent; debug names the program", () => {
    expect(lines("x", "off")).toEqual({ stdout: [], stderr: [] });
    expect(lines("x", "debug").stdout.at(-1)).toBe("03:04:05 [DEBUG] (x) d\n");
  });

  test("levels are words in any case", () => {
    expect(["TRACE", "Off", "info", "verbose", ""].map(parseLogLevel)).toEqual([
      "trace",
      "off",
      "info",
      undefined,
      undefined,
    ]);
  });
});

describe("failures", () => {
  const fail = failuresOf<{ "room/broken": { what: string } }>({
    "room/broken": { says: (f) => `${f.what} is broken`, hint: "Mend it" },
  });

  test("have a code, facts, a sentence and a next step, and keep their cause", () => {
    const cause = new Error("ENOENT");
    const failure = fail("room/broken", { what: "The lamp" }, { cause });
    expect(failure).toBeInstanceOf(Failure);
    expect({ ...failure, message: failure.message, cause: failure.cause }).toMatchObject({
      code: "room/broken",
      facts: { what: "The lamp" },
      message: "The lamp is broken",
      hint: "Mend it",
      cause,
    });
  });

  test("their text names the causes once each, also in a ring", () => {
    const inner: Error & { cause?: unknown } = new Error("inner");
    const outer = new Error("outer", { cause: inner });
    inner.cause = outer;
    expect(failureText(outer)).toBe("outer: inner");
    expect(failureText("plain")).toBe("plain");
  });
});
