/** Power cuts while settings are committed, at random moments: afterwards the old or the new settings, whole. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import type { Machine } from "../../lab/index.ts";
import { newMachine, output, powerOn } from "../lab.ts";

const CUTS = 20;
const LONGEST_RUN_MS = 2500; // a commit takes some 10 ms, the client that asks for it 300 ms under emulation
const ROUND_MS = 600_000;
const VOLATILE = true; // what is not flushed is lost, sector by sector, as chance has it

/**
 * Commits generation after generation. Each writes the same number into several settings of different groups by one
 * transaction, and tells on the console what it is about to commit and what was committed. Nothing is applied, so
 * commits follow each other as fast as the client starts. The console may become its controlling terminal, which a
 * login prompt that starts later hangs up.
 */
const COMMITTER = `
trap "" HUP
n=$1
while :; do
  n=$((n + 1))
  echo "try $n." > /dev/ttyS0
  body="{\\"motd\\": \\"generation $n\\", \\"network\\": {\\"hosts\\": [[\\"10.0.0.1\\", [\\"generation-$n\\"]]]},
    \\"ntp\\": {\\"time-servers\\": [\\"generation-$n.example.com\\"]},
    \\"kernel\\": {\\"sysctl\\": {\\"vm.dirty_expire_centisecs\\": \\"$n\\"}}, \\"updates\\": {\\"version-lock\\": \\"1.0.$n\\"}}"
  apiclient raw -m PATCH -u "/settings?tx=round" -d "$body" > /dev/ttyS0 2>&1 || exit
  apiclient raw -m POST -u "/tx/commit?tx=round" > /dev/null 2> /dev/ttyS0 || exit
  echo "done $n." > /dev/ttyS0
done`;

interface Settings {
  readonly motd: string;
  readonly network: { readonly hosts?: readonly (readonly [string, readonly string[]])[] };
  readonly ntp: { readonly "time-servers": readonly string[] };
  readonly kernel: { readonly sysctl?: Readonly<Record<string, string>> };
  readonly updates: { readonly "version-lock": string };
}

/** The number in each of the settings written together. */
function generations(settings: Settings): readonly (number | undefined)[] {
  const texts = [
    settings.motd,
    settings.network.hosts?.[0]?.[1][0],
    settings.ntp["time-servers"][0]?.replace(".example.com", ""),
    settings.kernel.sysctl?.["vm.dirty_expire_centisecs"],
    settings.updates["version-lock"],
  ];
  return texts.map((text) => {
    const digits = /\d+$/.exec(text ?? "")?.[0];
    return digits === undefined ? undefined : Number(digits);
  });
}

/** The last number that the console says was tried, or committed, since this byte of its log. */
function last(word: "try" | "done", console: string, otherwise: number): number {
  return Number([...console.matchAll(new RegExp(`${word} (\\d+)\\.`, "g"))].at(-1)?.[1] ?? otherwise);
}

describe("a power cut while settings are committed", () => {
  let host: Machine;
  let committed = 0;
  let isCommitting = false;

  beforeAll(async () => {
    host = await newMachine("fault-cut", {}, VOLATILE);
    await commitFrom(0);
  }, ROUND_MS);

  async function commitFrom(generation: number): Promise<void> {
    committed = generation;
    await host.waitForApi();
    await startCommitting(host, generation);
    isCommitting = true;
  }

  afterAll(() => host?.cut());

  for (let round = 1; round <= CUTS; round++) {
    it(
      `cut ${round} of ${CUTS} leaves the last committed settings or the ones being committed, whole`,
      async () => {
        if (!isCommitting) {
          // The round before failed, wherever that was: this one stands on its own.
          await host.cut();
          host = await powerOn(host, VOLATILE);
          await commitFrom(committed);
        }
        isCommitting = false;
        const from = host.consoleStart;
        await host.waitForConsole(/done \d+\./, 60_000);
        await Bun.sleep(Math.random() * LONGEST_RUN_MS); // the random moment; nothing is waited for
        await host.cut();
        const console = await host.consoleText(from);
        const acknowledged = last("done", console, committed);
        const tried = last("try", console, committed);

        host = await powerOn(host, VOLATILE);
        await host.waitForApi();
        const settings: Settings = JSON.parse(await output(host, "apiclient raw -u /settings"));
        const found = generations(settings);
        const [generation = -1] = found;
        expect(new Set(found)).toEqual(new Set([generation]));
        expect(generation).toBeGreaterThanOrEqual(acknowledged);
        expect(generation).toBeLessThanOrEqual(tried);
        expect(JSON.parse(await output(host, "apiclient raw -u /tx/list"))).toEqual([]);
        if (round < CUTS) await commitFrom(generation);
      },
      ROUND_MS,
    );
  }
});

async function startCommitting(host: Machine, from: number): Promise<void> {
  const script = COMMITTER.replaceAll("'", "'\\''");
  await output(host, `setsid bash -c '${script}' committer ${from} > /dev/null 2>&1 &`);
}
