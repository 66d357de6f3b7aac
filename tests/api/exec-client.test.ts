/** `apiclient exec`: the real client and the real server, with a ctr that runs commands in the test's root. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { createHash } from "node:crypto";
import { descriptorsOf, processesOf, processesWith, residentBytes, until } from "./support/exec.ts";
import { TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";

let root: TestRoot;
let server: RunningServer;
beforeAll(async () => {
  root = await TestRoot.make();
  await root.runsCommandsHere();
  server = await RunningServer.start(root);
}, 300_000);
afterAll(async () => {
  await server?.end();
  await root?.remove();
});

const CLIENT = "/usr/bin/apiclient";
const client = (...args: string[]) => root.run([CLIENT, ...args]);
const environment = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };

describe("apiclient exec", () => {
  it("api Check 33: exits as the command does", async () => {
    expect(await client("exec", "admin", "sh", "-c", "exit 5")).toEqual({
      exitCode: 5,
      signal: null,
      stdout: "",
      stderr: "",
    });
  });

  it("containers Check 28: exits with 137 after SIGKILL, and has stdout and stderr on stdout", async () => {
    const ended = await client("exec", "admin", "sh", "-c", "echo out; echo err >&2; kill -9 $$");
    expect(ended).toMatchObject({ exitCode: 137, stderr: "" });
    expect(ended.stdout.split("\n").sort()).toEqual(["", "err", "out"]);
  });

  it("containers Check 28: shows what ctr says of an unknown target, and exits with 1", async () => {
    expect(await client("exec", "nowhere", "id")).toMatchObject({
      exitCode: 1,
      stdout: 'ctr: container "nowhere" not found\n',
    });
  });

  const words: [args: string[], printed: string][] = [
    [["exec", "admin", "echo", "-h", "--help", "-v", "-s", "x", "--", "-t"], "-h --help -v -s x -- -t\n"],
    [["exec", "-T", "admin", "echo", "a b", ""], "a b \n"],
    [["exec", "--", "admin", "echo", "-T"], "-T\n"],
    [["exec", "admin", "--", "echo", "-T"], "-T\n"],
    [["exec", "admin", "-T", "echo", "exec"], "exec\n"],
    [["-s", "/run/api.sock", "exec", "--log-level", "warn", "admin", "echo", "raw"], "raw\n"],
  ];
  for (const [args, printed] of words) {
    it(`leaves to the command what is the command's: ${JSON.stringify(args)}`, async () => {
      await root.script("usr/bin/echo", 'printf "%s\\n" "$*"');
      expect(await client(...args)).toEqual({ exitCode: 0, signal: null, stdout: printed, stderr: "" });
    });
  }

  it("api Check 33: exits with 1 where there is no socket, and says which", async () => {
    expect(await client("-s", "/run/none.sock", "exec", "admin", "id")).toMatchObject({
      exitCode: 1,
      stdout: "",
      stderr:
        "Cannot exec: cannot reach the API server at /run/none.sock: no such file (is apiserver running?)\n",
    });
  });

  it("exits with 1 and says why where the server closes without an exit code", async () => {
    const ended = await client("exec", "--", "-admin", "id");
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ended.stderr).toContain(
      "closed without an exit status: The target is not the name of a container",
    );
  });

  it("api Check 33: SIGTERM ends it with 143, and the command too", async () => {
    const child = Bun.spawn(root.command([CLIENT, "exec", "admin", "sleep", "7201"]), { env: environment });
    await until(() => processesOf("sleep", "7201").length === 1, "the command runs");
    child.kill("SIGTERM");
    expect(await child.exited).toBe(143);
    await until(() => processesWith("sleep\x007201").length === 0, "the command has ended");
  });

  it("ends with 1 when the server goes away", async () => {
    const own = await TestRoot.make();
    await own.runsCommandsHere();
    const other = await RunningServer.start(own);
    const child = Bun.spawn(own.command([CLIENT, "exec", "admin", "sleep", "7202"]), {
      env: environment,
      stderr: "pipe",
    });
    await until(() => processesOf("sleep", "7202").length === 1, "the command runs");
    await other.end("SIGKILL");
    expect(await new Response(child.stderr).text()).toBe(
      "The exec session was lost before the command ended\n",
    );
    expect(await child.exited).toBe(1);
    // Whoever kills the server outright has systemd to end what it has started.
    for (const pid of processesWith("sleep\x007202")) process.kill(pid);
    await until(() => processesWith("sleep\x007202").length === 0, "nothing is left");
    await own.remove();
  });
});

describe("bytes through apiclient exec", () => {
  it("api Check 33: 10 MiB through cat come back identical", async () => {
    const { sent, received, exitCode } = await through(10);
    expect({ received, exitCode }).toEqual({ received: sent, exitCode: 0 });
  }, 60_000);

  it("api Check 26: 1 GiB too, in little memory of the server", async () => {
    const before = residentBytes(server.pid);
    const { sent, received, exitCode } = await through(1024);
    expect({ received, exitCode }).toEqual({ received: sent, exitCode: 0 });
    expect(residentBytes(server.pid) - before).toBeLessThan(64e6);
  }, 200_000);

  it("wait in little memory for a reader that takes nothing for longer than the heartbeat allows, and all come", async () => {
    const size = 64 * 1024 * 1024;
    const child = Bun.spawn(root.command([CLIENT, "exec", "admin", "head", "-c", `${size}`, "/dev/zero"]), {
      env: environment,
      stdout: "pipe",
    });
    const reader = child.stdout.getReader();
    let read = (await reader.read()).value?.length ?? 0;
    await Bun.sleep(12_000);
    expect(residentBytes(child.pid)).toBeLessThan(100e6);
    for (let next = await reader.read(); next.value !== undefined; next = await reader.read())
      read += next.value.length;
    expect([read, await child.exited]).toEqual([size, 0]);
  }, 60_000);

  it("all come to a reader that begins only when the command has long ended", async () => {
    for (const size of [60_000, 200_000, 300_000, 1_000_000]) {
      const command = [CLIENT, "exec", "admin", "head", "-c", `${size}`, "/dev/zero"];
      const child = Bun.spawn(root.command(command), { env: environment, stdout: "pipe" });
      await Bun.sleep(1500);
      const read = (await new Response(child.stdout).bytes()).length;
      expect([read, await child.exited]).toEqual([size, 0]);
    }
  });

  it("a client that is killed in the middle leaves no process, no descriptor and no memory behind", async () => {
    const [descriptors, memory] = [descriptorsOf(server.pid), residentBytes(server.pid)];
    const child = Bun.spawn(root.command([CLIENT, "exec", "admin", "sh", "-c", ": 7203; cat"]), {
      env: environment,
      stdin: "pipe",
      stdout: "pipe",
    });
    child.stdin.write(new Uint8Array(1024 * 1024));
    await child.stdin.flush();
    await child.stdout.getReader().read();
    expect(processesWith(": 7203; cat")).toHaveLength(2);
    child.kill("SIGKILL");
    await until(() => processesWith(": 7203; cat").length === 0, "no process is left");
    await until(() => descriptorsOf(server.pid) <= descriptors, "the descriptors are closed");
    expect(residentBytes(server.pid) - memory).toBeLessThan(16e6);
  });

  it("a reader that has enough ends the session", async () => {
    const command = "apiclient exec admin sh -c 'while echo 7204; do :; done' | head -n 2";
    expect(await root.run(["/bin/sh", "-c", command])).toMatchObject({ stdout: "7204\n7204\n" });
    await until(() => processesWith("echo 7204").length === 0, "the command has ended");
  });
});

describe("a person at a terminal", () => {
  const ECHO_AND_LINES = 0o12; // ECHO and ICANON of c_lflag: off in raw mode

  it("has size, resize, Ctrl-C and exit code, and gets the terminal back as it was", async () => {
    let seen = "";
    const terminal = new Bun.Terminal({
      rows: 30,
      cols: 90,
      data: (_, bytes) => {
        seen += Buffer.from(bytes).toString();
      },
    });
    const before = [terminal.localFlags, terminal.outputFlags] as const;
    const command =
      "trap 'stty size' WINCH; trap 'echo interrupted; exit 6' INT; stty size; echo up; while :; do sleep 0.1; done";
    const child = Bun.spawn(root.command([CLIENT, "exec", "admin", "sh", "-c", command]), {
      env: environment,
      terminal,
      detached: true,
    });
    await until(() => seen.includes("30 90\r\nup\r\n"), `size and start: ${seen}`);
    expect(before[0] & ECHO_AND_LINES).toBe(ECHO_AND_LINES);
    expect(terminal.localFlags & ECHO_AND_LINES).toBe(0);
    terminal.resize(70, 20);
    child.kill("SIGWINCH");
    await until(() => seen.includes("20 70\r\n"), "the new size");
    terminal.write("\x03");
    await until(() => seen.includes("interrupted\r\n"), "Ctrl-C reaches the command");
    expect(await child.exited).toBe(6);
    expect([terminal.localFlags, terminal.outputFlags]).toEqual([...before]);
    terminal.close();
  });

  for (const signal of ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP"] as const) {
    it(`gets it back after ${signal}, too`, async () => {
      const terminal = new Bun.Terminal({});
      const before = terminal.localFlags;
      const child = Bun.spawn(root.command([CLIENT, "exec", "admin", "sleep", "7205"]), {
        env: environment,
        terminal,
        detached: true,
      });
      await until(() => (terminal.localFlags & ECHO_AND_LINES) === 0, "raw mode");
      child.kill(signal);
      const number = { SIGTERM: 15, SIGINT: 2, SIGQUIT: 3, SIGHUP: 1 }[signal];
      expect(await child.exited).toBe(128 + number);
      expect(terminal.localFlags).toBe(before);
      terminal.close();
      await until(() => processesWith("sleep\x007205").length === 0, "the command has ended");
    });
  }

  it("is not needed for -t: a script gets a terminal for its command, whose input ends with the script's", async () => {
    const ended = await root.run([CLIENT, "exec", "-t", "admin", "sh", "-c", "stty -echo; cat; exit 4"], {
      stdin: "from a script\n",
    });
    expect(ended).toMatchObject({ exitCode: 4, stderr: "" });
    expect(ended.stdout).toContain("from a script\r\n");
  });
});

/** Sends so much through `cat`. @returns the hash of what went in and of what came out */
async function through(sizeMiB: number): Promise<{ sent: string; received: string; exitCode: number }> {
  const child = Bun.spawn(root.command([CLIENT, "exec", "admin", "cat"]), {
    env: environment,
    stdin: "pipe",
    stdout: "pipe",
  });
  const [sent, received] = [createHash("sha256"), createHash("sha256")];
  const block = crypto.getRandomValues(new Uint8Array(65_536));
  const reading = (async () => {
    for await (const bytes of child.stdout) received.update(bytes);
  })();
  for (let n = 0; n < sizeMiB * 16; n++) {
    block[0] = n % 251;
    sent.update(block);
    child.stdin.write(block.slice());
    await child.stdin.flush();
  }
  await child.stdin.end();
  await reading;
  return { sent: sent.digest("hex"), received: received.digest("hex"), exitCode: await child.exited };
}
