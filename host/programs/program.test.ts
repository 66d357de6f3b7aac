import { afterEach, beforeEach, expect, it, spyOn } from "bun:test";
import fc from "fast-check";
import { type ProgramShape, runProgram, socketOption } from "./program.ts";

const shape: ProgramShape = {
  name: "example",
  about: "Does nothing.",
  commands: { look: "look", leap: "leap" },
  options: [socketOption, { name: "--all", about: "everything" }],
};

let stderr = "";
let stdout = "";
let restore: () => void;
beforeEach(() => {
  const write = (collect: (text: string) => void) => (text: unknown) => {
    collect(String(text));
    return true;
  };
  const err = spyOn(process.stderr, "write").mockImplementation(write((text) => (stderr += text)));
  const out = spyOn(process.stdout, "write").mockImplementation(write((text) => (stdout += text)));
  restore = () => {
    err.mockRestore();
    out.mockRestore();
  };
});
afterEach(() => restore());

it("any command line is done, explained, or refused with what is wrong and the usage on stderr", async () => {
  const word = fc.oneof(
    fc.string({ unit: "binary", maxLength: 10 }),
    fc.constantFrom(
      "look",
      "leap",
      "--all",
      "--all=1",
      "--socket-path",
      "--socket-path=/x",
      "--help",
      "-h",
      "--",
      "-",
    ),
    fc.constantFrom(
      "--log-level",
      "--log-level=trace",
      "--log-level=loud",
      "--toString",
      "constructor",
      "__proto__",
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 5 }), async (args) => {
      stderr = "";
      stdout = "";
      let ran = false;
      const code = await runProgram(shape, args, async (given) => {
        ran = true;
        expect(["look", "leap"]).toContain(given.command);
        return 0;
      });
      expect([0, 2]).toContain(code);
      if (ran) expect([code, stdout, stderr]).toEqual([0, "", ""]);
      else if (code === 0)
        expect([stdout.includes("Usage: example look|leap [OPTIONS]"), stderr]).toEqual([true, ""]);
      else {
        expect(stdout).toBe("");
        expect(stderr).toMatch(/^example: .+\n\nDoes nothing\.\n\nUsage: example look\|leap \[OPTIONS\]/);
      }
    }),
    { numRuns: 1000 },
  );
});

it("what the work throws is one line on stderr and exit code 1", async () => {
  stderr = "";
  const code = await runProgram(shape, ["look"], async () => {
    throw new Error("no lamp", { cause: new Error("ENOENT") });
  });
  expect([code, stderr.slice(9)]).toEqual([1, "[ERROR] no lamp: ENOENT\n"]);
});
