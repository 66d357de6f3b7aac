import { describe, expect, it } from "bun:test";
import { answerLine, asUnit, parseAnswer } from "./dispatch.ts";

describe("starting the work of a command", () => {
  it("is for systemd to do where it runs: with our streams, behind everything else, and without a trace at its end", () => {
    const command = asUnit(
      ["/usr/bin/flock", "--no-fork", "/run/lock/l", "/usr/bin/thar-be-updates", "refresh"],
      {
        NAME: "a value",
      },
    );
    const end = command.indexOf("--");
    expect(command[0]).toBe("/usr/bin/systemd-run");
    expect(command.slice(1, end)).toEqual([
      "--quiet",
      "--collect",
      "--pipe",
      "--service-type=exec",
      "--description=Update command",
      "--property=CPUWeight=20",
      "--property=IOWeight=20",
      "--property=MemoryDenyWriteExecute=yes",
      "--setenv=NAME=a value",
    ]);
    expect(command.slice(end + 1).join(" ")).toBe(
      "/usr/bin/flock --no-fork /run/lock/l /usr/bin/thar-be-updates refresh",
    );
  });

  it("is answered in one line, whatever is said in it", () => {
    for (const refusal of [undefined, { exitCode: 65, says: 'no: "x"\nand more' }]) {
      const line = answerLine(refusal);
      expect(line.indexOf("\n")).toBe(line.length - 1);
      expect(parseAnswer(line)).toEqual(refusal);
    }
    expect(() => parseAnswer("[]")).toThrow("the answer is not an object");
  });
});
