/** The questions to a machine's second console, asked of a real shell on a real terminal instead of a host's. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureSdk, progressLines, takeLock } from "../sdk/index.ts";
import { type AskOutcome, askOver, readPiece, shellWord } from "./ask.ts";
import { openStream, type Stream } from "./socket.ts";

let directory: string;
let socket: string;
let terminal: Bun.Subprocess;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "pinwheel-ask-"));
  socket = join(directory, "a-directory-name-of-some-length", "ask.sock");
  const script = join(directory, "console.sh");
  // As getty and login do it: a question for the name, then a shell; after its end the question again.
  await Bun.write(
    script,
    "while :; do printf '\\r\\nhost login: '; read -r name; [ -n \"$name\" ] && PS1='bash-5.2# ' bash --norc -i; done",
  );
  await Bun.write(join(directory, "a-directory-name-of-some-length", "x"), "");
  const sdk = await ensureSdk(progressLines());
  const wrapped = sdk.wrap(
    ["socat", `UNIX-LISTEN:${socket},fork`, `EXEC:bash ${script},pty,setsid,ctty,stderr`],
    { writable: [directory] },
  );
  terminal = Bun.spawn([...wrapped.command], {
    env: wrapped.env,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  while (
    !(await Bun.file(socket)
      .stat()
      .catch(() => undefined))
  )
    await Bun.sleep(20);
}, 300_000);

afterAll(async () => {
  terminal.kill();
  await terminal.exited;
  await rm(directory, { recursive: true, force: true });
});

async function ask(command: string, commandMs = 10_000): Promise<AskOutcome> {
  const stream = await openStream(socket);
  try {
    return await askOver(stream, command, 10_000, commandMs);
  } finally {
    stream.close();
  }
}

async function answer(command: string) {
  const outcome = await ask(command);
  if (outcome.kind !== "answered") throw new Error(JSON.stringify(outcome));
  return outcome.answer;
}

describe("a question to a host", () => {
  it("logs in where a name is asked for, and returns what the command printed", async () => {
    expect((await answer("echo hello")).output).toBe("hello\n");
  });

  it("returns the command's exit code", async () => {
    expect((await answer("exit 7")).exitCode).toBe(7);
    expect((await answer("kill -9 $$")).exitCode).toBe(137);
  });

  it("returns standard output and standard error in the order they were written", async () => {
    expect((await answer("echo one; echo two >&2; echo three")).output).toBe("one\ntwo\nthree\n");
  });

  it("returns every byte unchanged, line ends and escape sequences too", async () => {
    const bytes = Array.from({ length: 256 }, (_, value) => value);
    const escapes = bytes.map((value) => `\\x${value.toString(16).padStart(2, "0")}`).join("");
    expect([...(await answer(`printf '${escapes}'`)).bytes]).toEqual(bytes);
    expect((await answer("printf 'a\\r\\nb\\rc'")).output).toBe("a\r\nb\rc");
  });

  it("passes quotes, dollars, exclamation marks, tabs, new lines and umlauts to the command as they are", async () => {
    const text = 'it\'s "$HOME" `x` !! \\n \t| é 日本\nnext';
    expect((await answer(`printf %s ${shellWord(text)}`)).output).toBe(text);
  });

  it("takes a command of many lines and kilobytes", async () => {
    const lines = Array.from({ length: 300 }, (_, number) => `line ${number}: ${"x".repeat(30)}`).join("\n");
    expect((await answer(`cat <<'end'\n${lines}\nend`)).output).toBe(`${lines}\n`);
  });

  it("returns the output of a command that prints a megabyte", async () => {
    const { bytes } = await answer("head -c 1000000 /dev/zero | tr '\\0' x");
    expect(bytes.length).toBe(1_000_000);
  });

  it("is not confused by output that looks like a prompt or like the marks", async () => {
    const text = "host login: \nbash-5.2# \nPW0123456789abcdefDATA:0.\n";
    expect((await answer(`printf %s ${shellWord(text)}`)).output).toBe(text);
  });

  it("gives the command no input to wait for", async () => {
    expect((await answer("cat; echo done")).output).toBe("done\n");
  });

  it("gives up on a command that takes longer than its limit", async () => {
    expect(await ask("sleep 60", 300)).toEqual({ kind: "timeout" });
  });
});

describe("a terminal that drops what comes too fast", () => {
  /** Leaves out some characters of every third text that is long. */
  function dropping(stream: Stream): Stream {
    let texts = 0;
    const { take } = stream;
    return Object.assign(Object.create(stream), {
      take(): string {
        const text = take.call(stream);
        if (text.length < 20_000) return text;
        texts += 1;
        return texts % 3 === 1 ? text.slice(0, 9_000) + text.slice(9_004) : text;
      },
    });
  }

  it("is asked again for the pieces that are not whole", async () => {
    const stream = await openStream(socket);
    const outcome = await askOver(dropping(stream), "seq 40000", 10_000, 10_000);
    stream.close();
    const lines = Array.from({ length: 40_000 }, (_, number) => `${number + 1}\n`).join("");
    expect(outcome).toMatchObject({ kind: "answered", answer: { exitCode: 0, output: lines } });
  });
});

describe("a piece of an answer", () => {
  const mark = "0011223344556677";
  const hi = { kind: "piece", text: "aGkK", exitCode: 3, wholeLength: 4 } as const;

  it("is read past a line that a program wrote to the terminal itself", () => {
    const received = `\x1b[0;1;31mFailed to execute an agent\x1b[0m\r\n\r\nPW${mark}DATAaGkK:3:4.\r\n`;
    expect(readPiece(received, mark)).toEqual(hi);
  });

  it("is refused when something else was written into its line", () => {
    expect(readPiece(`PW${mark}DATAaGkK[  12.3] oops\r\n:0:4.`, mark)).toBeUndefined();
    expect(readPiece(`PW${mark}DATAaGkKx:0:4.`, mark)).toBeUndefined();
  });

  it("is read past the echo of the question", () => {
    const echo = `printf 'PW%sDATA%s:%d:%d.\\n' ${mark} "$answer" $code 4`;
    expect(readPiece(`${echo}\r\nPW${mark}DATAaGkK:3:4.\r\n`, mark)).toEqual(hi);
  });
});

describe("a lock", () => {
  it("is held by one at a time, and free again once released", async () => {
    const file = join(directory, "lock");
    const first = await takeLock(file, 0);
    expect(await takeLock(file, 0)).toBeUndefined();
    const second = takeLock(file, 5000);
    first?.release();
    expect(await second).toBeDefined();
    (await second)?.release();
  });
});
