import { describe, expect, it } from "bun:test";
import { readCommandLine } from "../command-line.ts";

const options = { socketPath: "/run/api.sock", logLevel: "info" } as const;
const run = (target: string, command: string[], tty?: boolean, more: object = {}) => ({
  kind: "run",
  command: { kind: "exec", target, command, tty },
  options: { ...options, ...more },
});

describe("options of apiclient exec end where the command begins (api 8.1, 8.8)", () => {
  const table: [line: string, read: object][] = [
    ["exec admin ls -h", run("admin", ["ls", "-h"])],
    ["exec admin uname -v", run("admin", ["uname", "-v"])],
    ["exec -v admin uname -v", run("admin", ["uname", "-v"], undefined, { logLevel: "debug" })],
    ["-s /x exec admin cat -s /y", run("admin", ["cat", "-s", "/y"], undefined, { socketPath: "/x" })],
    ["exec -s exec admin ls", run("admin", ["ls"], undefined, { socketPath: "exec" })],
    ["exec --socket-path=/x admin ls", run("admin", ["ls"], undefined, { socketPath: "/x" })],
    ["exec -t admin sh", run("admin", ["sh"], true)],
    ["exec admin --tty sh -t", run("admin", ["sh", "-t"], true)],
    ["exec -T admin sh", run("admin", ["sh"], false)],
    ["exec -- admin ls -- -h", run("admin", ["ls", "--", "-h"])],
    ["exec admin -- -odd-name", run("admin", ["-odd-name"])],
    ["exec admin ls -- x", run("admin", ["ls", "--", "x"])],
    ["exec admin exec exec", run("admin", ["exec", "exec"])],
    ["exec admin - -h", run("admin", ["-", "-h"])],
  ];
  for (const [line, read] of table) {
    it(`apiclient ${line}`, () => expect(readCommandLine(line.split(" "))).toEqual(read as never));
  }

  it("apiclient exec admin -h asks for help, as no command has begun", () =>
    expect(readCommandLine(["exec", "admin", "-h"])).toEqual({ kind: "help", about: "exec" }));
});
