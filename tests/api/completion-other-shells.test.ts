/** Completion of apiclient in a real zsh and a real fish, with the real client asking a real server. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { ensureTestTools, progressLines, type Sdk } from "../../sdk/index.ts";
import { type ClientOnPath, makeClientOnPath } from "./support/client-on-path.ts";
import { ShellAtTerminal } from "./support/terminal.ts";

let client: ClientOnPath;
let tools: Sdk;

beforeAll(async () => {
  client = await makeClientOnPath();
  tools = await ensureTestTools(progressLines());
}, 900_000);
afterAll(async () => client?.remove());

/** What starts a shell of the tools, which finds apiclient. */
function shell(command: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const PATH = `${client.programs}:/usr/sbin:/usr/bin`;
  return tools.wrap(command, { writable: [client.root.path, client.programs], env: { PATH, ...env } });
}

describe("TAB in zsh", () => {
  let zsh: ShellAtTerminal;
  beforeAll(async () => {
    const { command, env } = shell(["zsh", "-f", "-i"], { TERM: "dumb", PROMPT: "ready> " });
    zsh = new ShellAtTerminal(command, env);
    await zsh.type("unset zle_bracketed_paste\r", /\n.*ready> $/s);
    await zsh.type("autoload -Uz compinit && compinit -u -D\r", /ready> $/);
    // Ctrl-T shows the line as it stands, between brackets.
    await zsh.type('show() { print -rn "[[$BUFFER]]" }; zle -N show; bindkey "^T" show\r', /ready> $/);
    await zsh.type(
      'eval "$(apiclient completion zsh)"; print $_comps[apiclient]\r',
      /\n_apiclient\r?\n.*ready> $/s,
    );
  }, 60_000);
  afterAll(() => zsh?.close());

  async function pressTab(typed: string): Promise<string> {
    const output = await zsh.type(`${typed}\t\x14`, /\[\[.*\]\]/s);
    await zsh.type("\x15\x14", /\[\[\]\]/);
    return /\[\[(.*)\]\]/s.exec(output)?.[1] ?? "";
  }

  const table: [typed: string, line: string][] = [
    ["apiclient reb", "apiclient reboot "],
    ["apiclient set mo", "apiclient set motd="],
    ["apiclient set nt", "apiclient set ntp.time-servers="],
    ["apiclient set kernel.lockdown=i", "apiclient set kernel.lockdown=integrity "],
    ["apiclient set dn", "apiclient set dns."],
    ["apiclient set kernel.sysctl.", 'apiclient set kernel.sysctl.\\"vm.'],
    ["apiclient set 'kernel.sysctl.\"vm.s", 'apiclient set \'kernel.sysctl."vm.swappiness"='],
  ];
  for (const [typed, line] of table) {
    it(`${typed} becomes ${line}`, async () => expect(await pressTab(typed)).toBe(line));
  }
});

describe("fish offers", () => {
  async function offered(typed: string): Promise<readonly string[]> {
    const script = `apiclient completion fish | source; complete --do-complete "$TYPED"`;
    const { command, env } = shell(["fish", "--no-config", "-c", script], { TYPED: typed });
    const child = Bun.spawn([...command], {
      env: { ...env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    const text = await new Response(child.stdout).text();
    expect(await child.exited).toBe(0);
    return text.split("\n").filter((line) => line !== "");
  }

  const table: [typed: string, candidates: readonly string[]][] = [
    ["apiclient reb", ["reboot"]],
    ["apiclient completion ", ["bash", "fish", "zsh"]],
    ["apiclient set 'kernel.sysctl.\"vm.s", ['kernel.sysctl."vm.swappiness"=']],
    ["apiclient set dns.", ["dns.name-servers=", "dns.search-list="]],
    ["apiclient set motd=x nt", ["ntp.time-servers="]],
    ["apiclient set kernel.lockdown=i", ["kernel.lockdown=integrity"]],
    ["apiclient set kernel.sysctl.", ['kernel.sysctl."vm.max_map_count"=', 'kernel.sysctl."vm.swappiness"=']],
  ];
  for (const [typed, candidates] of table) {
    it(`${candidates.join(", ")} for ${typed}`, async () => expect(await offered(typed)).toEqual(candidates));
  }
});
