/**
 * What can go wrong between an update's first byte and its first good boot: the power fails at random moments, its root
 * or its kernel is damaged. One host, which goes to the next release and back, over and over.
 */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storedFrame } from "../../host/update/testing-frames.ts";
import type { Machine } from "../../lab/index.ts";
import { UpdateServer } from "../../lab/update-server.ts";
import { updateSettings } from "../../lab/update-settings.ts";
import { joined, userDataOf } from "../../lab/user-data.ts";
import { damageKernel, flipByte, partition } from "../disk.ts";
import { newMachine, output, powerOn, setting, testImage } from "../lab.ts";
import { anotherRelease, buildRelease, publishRelease, thisRelease } from "../machine/support/updates.ts";

const VARIANT = "metal-dev";
const NEXT = "99.0.0";
const CUTS = Number(process.env.PINWHEEL_UPDATE_CUTS ?? 10);
const LONGEST_MS = 75_000; // download and write take 30 s under emulation, the way to the first good boot 45 s
const ROUND_MS = 900_000;
const VOLATILE = true; // what is not flushed is lost, sector by sector, as chance has it
const SUPERBLOCK_BYTE = 1024 + 64; // inside EROFS's superblock, which every mount reads

/** What the settings are in either version: the migration to the next one changes the first, nothing the second. */
const OLD_MESSAGE = "before";
const NEW_MESSAGE = "after";
const HOST_NAME = "cut-host";

let directory: string;
let version: string;
let server: UpdateServer;
let host: Machine;
/** Nothing that a test began is under way on it. */
let isAtRest = true;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "pinwheel-update-fault-"));
  const first = await thisRelease();
  version = first.version;
  const migration = `migrate_v${NEXT}_message.lz4`;
  const step = { "replace-string": { key: "settings.motd", old: OLD_MESSAGE, new: NEW_MESSAGE } };
  await writeFile(join(directory, migration), storedFrame(JSON.stringify({ format: 1, steps: [step] })));
  await testImage(VARIANT);
  const next = await anotherRelease(directory, NEXT, first, [migration]);
  await buildRelease(VARIANT, next);
  const [base, repository] = [join(directory, "repository-1"), join(directory, "repository-2")];
  await publishRelease(VARIANT, first, base);
  await publishRelease(VARIANT, next, repository, base, [join(directory, migration)]);
  server = await UpdateServer.start(repository);
  const own = { motd: OLD_MESSAGE, network: { hostname: HOST_NAME } };
  const userData = userDataOf(joined(own, updateSettings(server.port, VARIANT)));
  host = await newMachine("fault-update", { userData }, VOLATILE, VARIANT);
  await up();
}, 1_200_000);

afterAll(async () => {
  await host?.cut();
  await server?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

const up = async () => {
  await host.waitForApi();
  await host.waitForBoot();
};
/** The test before may have failed, wherever that was: this one begins with a host that has just started. */
async function standAlone(): Promise<void> {
  if (isAtRest) return;
  await host.cut();
  host = await powerOn(host, VOLATILE);
  await up();
}

const runningVersion = async () =>
  /^VERSION_ID="?([^"\n]*)/m.exec(await output(host, "cat /etc/os-release"))?.[1] ?? "";
const other = (of: string) => (of === version ? NEXT : version);

/** The whole of an update, by its own commands; a version that a cut has had refused is taken all the same. */
const updateTo = (wanted: string) => `apiclient set --wait updates.version-lock=v${wanted} &&
apiclient update check >/dev/null && apiclient update apply --retry`;

/** The host runs one of the two versions, with all of its settings, as that version has them. */
async function expectWhole(): Promise<string> {
  await up();
  const running = await runningVersion();
  expect([version, NEXT]).toContain(running);
  expect(await setting(host, "settings.motd")).toBe(running === NEXT ? NEW_MESSAGE : OLD_MESSAGE);
  expect(await setting(host, "settings.network.hostname")).toBe(HOST_NAME);
  return running;
}

describe("a power cut somewhere in an update", () => {
  for (let round = 1; round <= CUTS; round++) {
    it(
      `cut ${round} of ${CUTS}: the host starts the old version or the new one, with its settings whole`,
      async () => {
        await standAlone();
        isAtRest = false;
        const running = await runningVersion();
        // Nobody waits for it: the power fails first.
        const work = `${updateTo(other(running))} && apiclient reboot`;
        await output(host, `setsid bash -c '${work}' </dev/null >/dev/null 2>&1 &`);
        await Bun.sleep(Math.random() * LONGEST_MS); // the random moment; nothing is waited for
        await host.cut();
        host = await powerOn(host, VOLATILE);
        await expectWhole();
        isAtRest = true;
      },
      ROUND_MS,
    );
  }

  it(
    "after all of them an update goes through",
    async () => {
      await standAlone();
      isAtRest = true;
      const wanted = other(await runningVersion());
      await output(host, `{ ${updateTo(wanted)}; } 2>&1`, { timeoutMs: 600_000 });
      await host.reboot(ROUND_MS);
      expect(await expectWhole()).toBe(wanted);
    },
    ROUND_MS,
  );
});

describe("an update that was damaged on the disk", () => {
  const damages: readonly [what: string, damage: (set: string) => Promise<void>][] = [
    [
      "root",
      async (set) => {
        const { sdk } = await testImage(VARIANT);
        const root = await partition(sdk, host.disk, `BOTTLEROCKET-ROOT-${set}`);
        await flipByte(host.disk, root.offsetBytes + SUPERBLOCK_BYTE);
      },
    ],
    [
      "kernel",
      async (set) => {
        const { sdk } = await testImage(VARIANT);
        await damageKernel(host.disk, await partition(sdk, host.disk, `BOTTLEROCKET-BOOT-${set}`));
      },
    ],
  ];
  for (const [what, damage] of damages) {
    it(
      `its ${what}: the host comes back to the version before by itself, and says that the update failed`,
      async () => {
        const before = await runningVersion();
        const wanted = other(before);
        await output(host, `{ ${updateTo(wanted)}; } 2>&1`, { timeoutMs: 600_000 });
        const set = /^Next: +Set (.)$/m.exec(await output(host, "signpost status"))?.[1] ?? "";
        await host.stop();
        await damage(set);
        host = await powerOn(host, VOLATILE);
        expect(await expectWhole()).toBe(before);
        const text = await output(host, "apiclient update status");
        expect(text).toMatch(
          new RegExp(`^refused +${wanted} is not taken since .*: it did not come up`, "m"),
        );
      },
      ROUND_MS,
    );
  }
});
