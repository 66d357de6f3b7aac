/** Completion of apiclient in a real bash at a terminal, with the real client asking a real server. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { type ClientOnPath, makeClientOnPath } from "./support/client-on-path.ts";
import { ShellAtTerminal } from "./support/terminal.ts";

let client: ClientOnPath;
let bash: ShellAtTerminal;

beforeAll(async () => {
  client = await makeClientOnPath();
  bash = new ShellAtTerminal(["bash", "--norc", "--noprofile", "-i"], {
    PATH: `${client.programs}:${process.env.PATH}`,
    TERM: "dumb",
    PS1: "ready> ",
    INPUTRC: "/dev/null",
  });
  await bash.type("bind 'set show-all-if-ambiguous on'; bind 'set enable-bracketed-paste off'\r", /ready> $/);
  // Ctrl-T shows the line as it stands, between brackets.
  await bash.type(`bind -x '"\\C-t": printf "[[%s]]" "$READLINE_LINE"'\r`, /ready> $/);
  await bash.type(
    'eval "$(apiclient completion bash)"; complete -p apiclient\r',
    /-F _apiclient apiclient\r?\n.*ready> $/s,
  );
}, 300_000);

afterAll(async () => {
  await bash?.close();
  await client?.remove();
});

/** What stands on the line after TAB, and what was listed below it. */
async function pressTab(typed: string): Promise<{ line: string; listed: readonly string[] }> {
  const output = await bash.type(`${typed}\t\x14`, /\[\[.*\]\]/s);
  const line = /\[\[(.*)\]\]/s.exec(output)?.[1] ?? "";
  const list = /\r?\n(.*)\r?\nready> /s.exec(output)?.[1] ?? "";
  // Ctrl-U empties the line for the next one; Ctrl-T shows that it has.
  await bash.type("\x05\x15\x14", /\[\[\]\]/);
  return { line, listed: list.split(/\s+/).filter((word) => word !== "") };
}

describe("TAB in bash", () => {
  const table: [situation: string, typed: string, line: string][] = [
    ["completes a subcommand", "apiclient reb", "apiclient reboot "],
    ["completes an option", "apiclient set --js", "apiclient set --json "],
    ["completes a key to its value", "apiclient set mo", "apiclient set motd="],
    ["goes down where there is one way only", "apiclient set nt", "apiclient set ntp.time-servers="],
    [
      "goes on in the middle of a key",
      "apiclient set motd=x dns.n",
      "apiclient set motd=x dns.name-servers=",
    ],
    [
      "completes a value behind the equals sign",
      "apiclient set kernel.lockdown=i",
      "apiclient set kernel.lockdown=integrity ",
    ],
    [
      "completes a boolean",
      "apiclient set updates.ignore-waves=t",
      "apiclient set updates.ignore-waves=true ",
    ],
    ["completes a full name to show", "apiclient get settings.mo", "apiclient get settings.motd "],
    [
      "completes a name that users have chosen, with the quotes that the shell must not take",
      'apiclient set kernel.sysctl.\\"vm.s',
      'apiclient set kernel.sysctl.\\"vm.swappiness\\"=',
    ],
    [
      "does so inside of quotes",
      "apiclient set 'kernel.sysctl.\"vm.s",
      "apiclient set 'kernel.sysctl.\"vm.swappiness\"='",
    ],
    [
      "puts quotes around such a name by itself",
      "apiclient set kernel.sysctl.",
      'apiclient set kernel.sysctl.\\"vm.',
    ],
    ["leaves alone what there is nothing for", "apiclient set nothing", "apiclient set nothing"],
  ];
  for (const [situation, typed, line] of table) {
    it(situation, async () => expect((await pressTab(typed)).line).toBe(line));
  }

  it("completes names of files where they are meant", async () => {
    const typed = `apiclient apply ${client.programs}/`;
    expect((await pressTab(`${typed}apic`)).line).toBe(`${typed}apiclient `);
  });
  it("lists what there is to choose from", async () => {
    expect((await pressTab("apiclient set dns.")).listed).toEqual(["dns.name-servers=", "dns.search-list="]);
    expect((await pressTab("apiclient set kernel.lockdown=")).listed).toEqual([
      "confidentiality",
      "integrity",
      "none",
    ]);
  });
});

describe("apiclient complete", () => {
  const run = (...args: string[]) => client.root.run(["/usr/bin/apiclient", ...args]);

  it("says nothing about names when no server answers, and no error ever", async () => {
    expect(await run("complete", "words", "-s", "/run/none.sock", "set", "kernel.sysctl.")).toEqual({
      exitCode: 0,
      signal: null,
      stdout: "",
      stderr: "",
    });
    expect(await run("complete", "words", "set", "kernel.")).toMatchObject({
      stdout: "kernel.lockdown=\nkernel.modules.\nkernel.sysctl.\n",
    });
    expect(await run("complete")).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
  });
  it("refuses a shell that it has no script for", async () => {
    expect(await run("completion", "tcsh")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("completion needs the name of a shell: one of bash, zsh, fish"),
    });
  });
});
