import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { endText, run } from "./process.ts";

describe("running a program", () => {
  test("gives its exit code and both outputs", async () => {
    const result = await run(["sh", "-c", "cat; echo err >&2; exit 3"], { stdin: "in" });
    expect(result).toEqual({ exitCode: 3, timedOut: false, stdout: "in", stderr: "err\n" });
    expect(endText(result)).toBe("exit code 3");
  });
  test("its standard input is empty unless given, and its environment is ours and what is added", async () => {
    const result = await run(["sh", "-c", 'cat; echo "$ADDED $HOME"'], { env: { ADDED: "x y" } });
    expect(result.stdout).toBe(`x y ${process.env.HOME ?? ""}\n`);
  });
  test("no shell reads its arguments", async () => {
    expect((await run(["echo", "$HOME; false", "  a"])).stdout).toBe("$HOME; false   a\n");
  });
  test("an end by signal is told", async () => {
    const result = await run(["sh", "-c", "kill -9 $$"]);
    expect(endText(result)).toBe("ended by signal SIGKILL");
  });
  test("one that takes too long is killed with what it started", async () => {
    const options = { timeoutMs: 200 };
    const result = await run(["sh", "-c", "sleep 60 & echo $!; wait"], options);
    expect(endText(result, options)).toBe("did not end within 0.2 s");
    // A signal takes a moment. Nobody may be there to collect the orphan: then it stays in the process table, but dead.
    const state = () => readFile(`/proc/${result.stdout.trim()}/stat`, "utf8").catch(() => "gone");
    while (!/^gone$|\) [ZX] /.test(await state())) await Bun.sleep(10);
  });
  test("one that is not there is an error with its name", async () => {
    await expect(run(["/no/such/program"])).rejects.toThrow("cannot start /no/such/program");
    await expect(run([])).rejects.toThrow("cannot start a program without a name");
  });
  test("a daemon that it leaves behind is not waited for", async () => {
    const startedMs = performance.now();
    const result = await run(["sh", "-c", "sleep 30 & echo $!"]);
    expect(result.exitCode).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    process.kill(Number(result.stdout.trim()));
  });
});
