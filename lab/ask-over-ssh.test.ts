/** Questions by way of an admin container: what reaches the host's shell, and what is told of what it answered. */
import { afterAll, describe, expect, it } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shellWord } from "./ask.ts";
import { askOverSsh, type Connect, readAnswer } from "./ask-over-ssh.ts";

// The login shell and the host's shell are real; what stands between them in a host passes its words on.
const directory = mkdtempSync(join(tmpdir(), "pinwheel-over-ssh-"));
for (const name of ["sudo", "sheltie"]) {
  writeFileSync(join(directory, name), '#!/bin/bash\nexec "$@"\n');
  chmodSync(join(directory, name), 0o755);
}
afterAll(() => rmSync(directory, { recursive: true }));

const env = { PATH: `${directory}:/usr/sbin:/usr/bin:/sbin:/bin` };
const loginShell: Connect = (line) => ({ command: ["bash", "-c", line], env });
const there = async () => true;
const ask = (command: string, commandMs = 20_000, connect = loginShell) =>
  askOverSsh(connect, there, command, 5000, commandMs);

async function answer(command: string) {
  const outcome = await ask(command);
  if (outcome.kind !== "answered") throw new Error(JSON.stringify(outcome));
  return outcome.answer;
}

describe("a command over SSH", () => {
  it("ends with its own exit code, whatever it printed", async () => {
    expect(await answer("echo out; echo err >&2; exit 7")).toMatchObject({
      exitCode: 7,
      output: "out\nerr\n",
    });
    expect((await answer("exit 255")).exitCode).toBe(255);
    expect(await answer("true")).toMatchObject({ exitCode: 0, output: "" });
  });

  it("comes back byte for byte, without a line end at its end, and with every byte there is", async () => {
    const all = 'for ((i = 0; i < 256; i++)); do printf "\\\\x$(printf %02x $i)"; done';
    expect([...(await answer(all)).bytes]).toEqual([...Array(256).keys()]);
    expect((await answer("printf 'a\\r\\n\\tb'")).output).toBe("a\r\n\tb");
  });

  it("of a megabyte comes back whole", async () => {
    const { bytes } = await answer("head -c 1000000 /dev/zero | tr '\\0' x");
    expect(Buffer.from(bytes).equals(Buffer.alloc(1_000_000, "x"))).toBe(true);
  });

  it("keeps several words exactly, with quotes, spaces, line ends and umlauts", async () => {
    const words = ["a b", "it's", '"$HOME"', "x\ny", "", "*", "ü", "\\", "`id`", "!!"];
    const { output } = await answer(["printf", "<%s>", ...words].map(shellWord).join(" "));
    expect(output).toBe(words.map((word) => `<${word}>`).join(""));
  });

  it("finds its standard input empty", async () => {
    expect((await answer("cat; echo $?")).output).toBe("0\n");
  });

  it("that takes too long is ended, and its processes with it", async () => {
    const file = join(directory, "pid");
    expect(await ask(`echo $$ >${file}; sleep 600`, 1000)).toEqual({ kind: "timeout" });
    const pid = Number(await Bun.file(file).text());
    const runs = () => Bun.spawnSync(["kill", "-0", String(pid)]).exitCode === 0;
    while (runs()) await Bun.sleep(50);
  });
});

describe("without a way in", () => {
  it("the reason is what stopped it: the connection, or what stands before the host", async () => {
    const refused: Connect = () => ({
      command: ["bash", "-c", "echo 'Connection refused' >&2; exit 255"],
      env,
    });
    expect(await askOverSsh(refused, there, "true", 600, 600)).toEqual({
      kind: "no-way-in",
      reason: "Connection refused",
    });
    const notSuperpowered: Connect = (line) => ({
      command: ["bash", "-c", `sudo() { echo 'This container does not see the host'; return 1; }; ${line}`],
      env,
    });
    expect(await askOverSsh(notSuperpowered, there, "true", 600, 600)).toEqual({
      kind: "no-way-in",
      reason: "This container does not see the host",
    });
  });

  it("it is tried again until there is one, or the machine has gone", async () => {
    let attempts = 0;
    const secondTime: Connect = (line) => {
      attempts += 1;
      return attempts < 2 ? { command: ["false"], env } : loginShell(line);
    };
    expect(await askOverSsh(secondTime, there, "true", 20_000, 5000)).toMatchObject({ kind: "answered" });
    const nobody: Connect = () => ({ command: ["false"], env });
    expect(await askOverSsh(nobody, async () => false, "true", 20_000, 5000)).toEqual({ kind: "closed" });
  });

  it("a command whose end did not come is told from one that never began", () => {
    expect(readAnswer(Buffer.from("PW12BEGINhalf of"), "12")).toEqual({ kind: "connection-lost" });
    expect(readAnswer(Buffer.from("PW12BEGIN PW13END0."), "12")).toEqual({ kind: "connection-lost" });
    expect(readAnswer(Buffer.from("no sudo\nPW12END1."), "12")).toEqual({
      kind: "no-way-in",
      reason: "no sudo\n",
    });
  });
});
