/**
 * Commands run in a container with the host's containerd and runc. Many sessions and long streams are tested in tests/api:
 * an emulated processor needs more than two seconds for each session.
 */
import { describe, expect, it } from "bun:test";
import { output, short } from "../../lab.ts";
import { CTR } from "../support/containers.ts";
import { host } from "./machine.ts";

/** What the memory of the server may differ by: its runtime gives back late what it has used. */
const SLACK_KIB = 16 * 1024;

const pidOf = (unit: string) => `$(systemctl show --value -p MainPID ${unit})`;

/** What sessions could leave behind: processes in the container and on the host, descriptors of who runs them. */
const COUNTS = {
  "processes of the container": `${CTR} task ps plain | tail -n +2 | wc -l`,
  "clients and runtimes": "cat /proc/[0-9]*/comm 2>/dev/null | grep -Ec '^(ctr|apiclient|runc)$'",
  "descriptors of the server": `ls /proc/${pidOf("apiserver")}/fd | wc -l`,
  "descriptors of the runtime": `ls /proc/${pidOf("host-containerd")}/fd | wc -l`,
};

type Counts = ReadonlyMap<string, number>;

async function counts(): Promise<Counts> {
  const names = Object.keys(COUNTS);
  const lines = await output(host, `${Object.values(COUNTS).join("\n")}\ntrue`);
  const found = lines.trim().split("\n").map(Number);
  return new Map(names.map((name, index) => [name, found[index] ?? Number.NaN]));
}

const serverKiB = async () =>
  Number(await output(host, `grep ^VmRSS: /proc/${pidOf("apiserver")}/status | tr -dc 0-9`));

/** Does it, and waits until nothing is there that was not before: what has been told to end takes a moment. */
async function leavesNothing(work: () => Promise<void>): Promise<void> {
  const [before, memoryKiB] = [await counts(), await serverKiB()];
  await work();
  const deadlineMs = performance.now() + 60_000;
  const more = async () =>
    [...(await counts())].filter(([name, count]) => !(count <= (before.get(name) ?? 0)));
  let found = await more();
  while (found.length > 0 && performance.now() < deadlineMs) found = await more();
  expect(found).toEqual([]);
  expect((await serverKiB()) - memoryKiB).toBeLessThan(SLACK_KIB);
}

const exec = (command: string) => host.ask(`apiclient exec plain busybox ${command}`);

export function theCommands(): void {
  describe("a command in a container", () => {
    it("containers Check 28: exits as it does, by itself and by a signal, with all it prints on stdout", async () => {
      // Two pipes: which of the lines comes first is open.
      expect(
        short(await exec("sh -c 'echo one; echo two >&2; exit 7' 2>/dev/null | sort; exit $PIPESTATUS")),
      ).toEqual({
        exitCode: 7,
        output: "one\ntwo\n",
      });
      expect((await exec("sh -c 'kill -9 $$'")).exitCode).toBe(137);
    });

    it("containers Check 28: of no such container, or that is no program: says so, exit code 1", async () => {
      const unknown = await host.ask("apiclient exec nowhere true 2>/dev/null");
      expect(unknown.exitCode).toBe(1);
      expect(unknown.output).toContain("nowhere");
      const missing = await host.ask("apiclient exec plain no-such-program 2>/dev/null");
      expect(missing.exitCode).toBe(1);
      expect(missing.output).toContain("no-such-program");
    });
  });

  describe("a session whose client is killed in the middle of a stream", () => {
    it(
      "leaves no process, no descriptor and no memory behind",
      () =>
        leavesNothing(async () => {
          await output(
            host,
            `apiclient exec -T plain busybox sh -c 'trap "" HUP TERM; while echo line; do :; done' >/tmp/lines & client=$!
while test $(stat -c %s /tmp/lines) -lt 100000; do kill -0 $client || exit 1; sleep 0.1; done
kill -9 $client; wait $client; code=$?; rm /tmp/lines; test $code = 137`,
          );
        }),
      300_000,
    );
  });
}
