import { expect, it } from "bun:test";
import { startProgram } from "./program-output.ts";

async function outputOf(command: readonly string[], silentMs = 10_000) {
  const program = startProgram(command, silentMs);
  const [stdout, stderr] = await Promise.all(
    [program.stdout, program.stderr].map(async (stream) =>
      Buffer.concat(await Array.fromAsync(stream)).toString(),
    ),
  );
  return { stdout, stderr, killed: program.killedBecause() };
}

it("gives both streams of a program whatever its exit code is", async () => {
  expect(await outputOf(["sh", "-c", "echo a; echo b >&2; exit 3"])).toEqual({
    stdout: "a\n",
    stderr: "b\n",
    killed: undefined,
  });
});

it("looks for programs in the places of a host, whatever PATH says", () => {
  expect(() => startProgram(["no-such-program"], 1000)).toThrow(
    new Error("the program no-such-program is not in this image"),
  );
});

it("ends a program that is silent, and what it has started; what it printed before is kept", async () => {
  const begun = performance.now();
  expect(await outputOf(["sh", "-c", "echo a; sleep 60 & sleep 60"], 300)).toEqual({
    stdout: "a\n",
    stderr: "",
    killed: "sh printed nothing for 0.3 s and was ended",
  });
  expect(performance.now() - begun).toBeLessThan(10_000);
});

it("leaves a program alone that takes long and says so", async () => {
  const { stdout, killed } = await outputOf(
    ["sh", "-c", "for i in 1 2 3 4 5 6; do echo $i; sleep 0.1; done"],
    400,
  );
  expect([stdout, killed]).toEqual(["1\n2\n3\n4\n5\n6\n", undefined]);
});
