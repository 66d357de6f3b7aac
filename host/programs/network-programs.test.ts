import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start } from "./testing.ts";

// netdog, corndog and prairiedog as they are started. What they do to a host is tested in their rooms on a
// root directory of its own; here only what leaves the machine alone.

const directory = mkdtempSync(join(tmpdir(), "pinwheel-programs-"));
const socketPath = join(directory, "api.sock");
const replies = new Map<string, unknown>();
let server: Bun.Server<undefined> | undefined;
beforeAll(() => {
  server = Bun.serve({
    unix: socketPath,
    fetch: ({ url }) => {
      const { pathname, search } = new URL(url);
      const reply = replies.get(pathname + search);
      return reply === undefined ? new Response("nothing is set", { status: 404 }) : Response.json(reply);
    },
  });
});
afterAll(async () => {
  await server?.stop(true);
  rmSync(directory, { recursive: true });
});

describe("a wrong command line", () => {
  const table: [command: string[], exitCode: number, problem: string][] = [
    [["netdog"], 1, "netdog: a command is missing"],
    [["netdog", "up"], 1, 'netdog: unknown command "up"'],
    [["netdog", "node-ip", "now"], 1, "netdog: after node-ip found 1 words; accepted: nothing"],
    [["netdog", "set-hostname"], 1, "netdog: after set-hostname found 0 words; accepted: NAME"],
    [["netdog", "--fast"], 1, "netdog: unknown option --fast"],
    [["prairiedog"], 1, "prairiedog: a command is missing"],
    [["prairiedog", "-s"], 1, "prairiedog: option -s needs a value"],
    [["prairiedog", "load-crash-kernel"], 1, 'prairiedog: unknown command "load-crash-kernel"'],
    [["prairiedog", "generate-boot-settings", "now"], 1, "prairiedog: after generate-boot-settings found 1"],
    [["corndog", "-s", "x", "sysctl"], 2, "corndog: unknown option -s"],
    [["corndog", "sysctl", "now"], 2, 'corndog: unknown argument "now"'],
    [["corndog"], 2, "corndog: a command is missing"],
    [["corndog", "sysctls"], 2, 'corndog: unknown argument "sysctls"'],
    [["corndog", "sysctl", "--log-level", "loud"], 2, 'corndog: --log-level is "loud"; accepted: off'],
  ];
  for (const [command, exitCode, problem] of table) {
    it(`${command.join(" ")}: exit ${exitCode}, and says how it is used`, async () => {
      const result = await start(...command);
      expect(result).toMatchObject({ exitCode, stdout: "" });
      expect(result.stderr).toStartWith(problem);
      expect(result.stderr).toContain(`Usage: ${command[0]} `);
    });
  }

  it("--help prints to stdout and exits 0", async () => {
    for (const program of ["netdog", "prairiedog", "corndog", "storewolf", "thar-be-settings"]) {
      const result = await start(program, "--help");
      expect(result).toMatchObject({ exitCode: 0, stderr: "" });
      expect(result.stdout).toContain(`Usage: ${program} `);
    }
  });
});

describe("without anything to do", () => {
  it("corndog exits 0 when there are no settings yet", async () => {
    for (const command of ["sysctl", "lockdown"]) {
      expect(await start("corndog", command, "--socket-path", socketPath)).toMatchObject({
        exitCode: 0,
        stderr: "",
      });
    }
  });

  it("platform Check 32: reboot-if-required exits 0 when reboot-to-reconcile is not set", async () => {
    const bare = await start("prairiedog", "-s", socketPath, "reboot-if-required");
    expect(bare).toMatchObject({ exitCode: 0, stderr: "" });
    replies.set("/settings?prefix=boot.", { boot: { "reboot-to-reconcile": false, kernel: { x: ["1"] } } });
    const off = await start("prairiedog", "-s", socketPath, "reboot-if-required");
    expect(off.stdout).toContain("No reboot is needed: settings.boot.reboot-to-reconcile is not true");
    expect(off.exitCode).toBe(0);
  });

  it.skipIf(existsSync("/proc/bootconfig"))(
    "generate-boot-settings prints nothing and leaves the setting unset",
    async () => {
      expect(await start("prairiedog", "generate-boot-settings")).toMatchObject({ exitCode: 2, stdout: "" });
    },
  );
});

describe("a failure", () => {
  it("of the API is one line that names the socket, exit 1", async () => {
    const result = await start("corndog", "sysctl", "--socket-path", join(directory, "none.sock"));
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(
      /^\d\d:\d\d:\d\d \[ERROR\] .*none\.sock: no such file \(is apiserver running\?\).*\n$/,
    );
  });

  it.skipIf(existsSync("/var/lib/netdog"))(
    "of node-ip says what is missing and what to do, exit 1",
    async () => {
      const { exitCode, stdout, stderr } = await start("netdog", "node-ip");
      expect({ exitCode, stdout, stderr: stderr.replace(/^[0-9:]{8} /, "") }).toEqual({
        exitCode: 1,
        stdout: "",
        stderr:
          "[ERROR] There is no primary interface: neither /var/lib/netdog/primary_interface nor /var/lib/netdog/primary_mac_address exists. Configure an interface in net.toml on the private partition and reboot\n",
      });
    },
  );
});
