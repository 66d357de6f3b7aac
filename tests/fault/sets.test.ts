/** A damaged root or partition table, an update that is not healthy: the host runs on what is good, and never on what is not. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import type { Machine } from "../../lab/index.ts";
import { copySetAToB, flags, flipByte, partition, setFlags, tableReport, wipeTable } from "../disk.ts";
import { newMachine, output, powerOn, testImage } from "../lab.ts";

const BOOT_MS = 900_000;
const SUCCESSFUL_2 = 0x0102; // priority 2, successful
const SUCCESSFUL_1 = 0x0101; // priority 1, successful
const ACTIVATED = 0x0012; // priority 2, one try
const TRIED = 0x0002;
const SUPERBLOCK_BYTE = 1024 + 64; // inside EROFS's superblock, which every mount reads

const RECORDS = "/var/lib/bottlerocket/update";
const UNHEALTHY = { units: ["nope.service"], "time-limit": "5s" };

let host: Machine;

beforeAll(async () => {
  host = await newMachine("fault-sets");
  await host.waitForApi();
  await host.waitUntil("systemctl is-active mark-successful-boot.service");
  await host.stop();
}, BOOT_MS);

afterAll(() => host?.cut());

describe("a damaged partition table", () => {
  for (const copy of ["primary", "backup"] as const) {
    it(
      `os-image Check 14: boots with a wiped ${copy} copy, and both are good afterwards`,
      async () => {
        const { sdk } = await testImage();
        const before = await tableReport(sdk, host.disk);
        await wipeTable(host.disk, copy);
        expect(await tableReport(sdk, host.disk)).not.toBe(before);
        host = await powerOn(host);
        await host.waitForApi();
        // OVMF repairs what it finds damaged before it starts the selector; other firmware leaves that to it. The
        // selector's own repair is proven by its unit tests; either way it says what it found.
        expect(await host.consoleText()).toMatch(/Partition table: (both copies are good|primary copy: )/);
        await host.waitUntil("systemctl is-active mark-successful-boot.service");
        await host.stop();
        expect(await tableReport(sdk, host.disk)).toBe(before);
      },
      BOOT_MS,
    );
  }
});

describe("one flipped byte in the active root", () => {
  it(
    "with no other set, the host does not run on it: the kernel stops at the first bad block",
    async () => {
      const { sdk } = await testImage();
      const root = await partition(sdk, host.disk, "BOTTLEROCKET-ROOT-A");
      await flipByte(host.disk, root.offsetBytes + SUPERBLOCK_BYTE);
      host = await powerOn(host);
      const console = await host.waitForConsole(/verity.*corrupt/i);
      expect(console).not.toContain("login:");
      // It starts again rather than staying down; nothing of the root ever runs.
      await host.waitForConsole(/set A[\s\S]*verity.*corrupt[\s\S]*set A/i);
      expect(await host.consoleText()).not.toMatch(/Welcome to|systemd\[1\]/);
      await host.cut();
      await flipByte(host.disk, root.offsetBytes + SUPERBLOCK_BYTE);
    },
    BOOT_MS,
  );

  it(
    "with another good set, the host comes up on that one",
    async () => {
      const { sdk } = await testImage();
      const bootA = await partition(sdk, host.disk, "BOTTLEROCKET-BOOT-A");
      const bootB = await partition(sdk, host.disk, "BOTTLEROCKET-BOOT-B");
      const rootA = await partition(sdk, host.disk, "BOTTLEROCKET-ROOT-A");
      await copySetAToB(sdk, host.disk);
      await setFlags(sdk, host.disk, bootA.number, SUCCESSFUL_2);
      await setFlags(sdk, host.disk, bootB.number, SUCCESSFUL_1);
      await flipByte(host.disk, rootA.offsetBytes + SUPERBLOCK_BYTE);
      host = await powerOn(host);
      await host.waitForApi(BOOT_MS);
      expect(await output(host, "signpost status")).toMatch(/^Active: *(Set )?B$/m);
      expect(await host.consoleText()).toMatch(/verity.*corrupt/i);
      expect(await output(host, "apiclient get settings.motd")).toContain("motd");
      // For the update that comes next; asked of what is good already, it changes nothing.
      await output(host, `apiclient set --json '${JSON.stringify({ updates: { health: UNHEALTHY } })}'`);
      const { os } = JSON.parse(await output(host, "apiclient get os")) as { os: { version_id: string } };
      const attempt = { version: os.version_id, from: os.version_id, time: "2026-02-01T12:00:00.000Z" };
      await output(host, `mkdir -p ${RECORDS} && echo '${JSON.stringify(attempt)}' >${RECORDS}/attempt.json`);
      await host.stop();
      expect(await flags(sdk, host.disk, bootB.number)).toBe(SUCCESSFUL_1);
      await flipByte(host.disk, rootA.offsetBytes + SUPERBLOCK_BYTE);
    },
    BOOT_MS,
  );
});

describe("updates 4: an update on trial whose health checks do not hold", () => {
  it(
    "gives way to the version before by itself, which does not take it again and says why",
    async () => {
      const { sdk } = await testImage();
      const bootA = await partition(sdk, host.disk, "BOTTLEROCKET-BOOT-A");
      const bootB = await partition(sdk, host.disk, "BOTTLEROCKET-BOOT-B");
      await setFlags(sdk, host.disk, bootA.number, SUCCESSFUL_1);
      await setFlags(sdk, host.disk, bootB.number, ACTIVATED);
      host = await powerOn(host);
      const unmet = "within 5 s these health checks did not hold: there is no unit nope.service";
      await host.waitForConsole(new RegExp(`on trial and is not good: ${unmet}. Rebooting into set A`));
      await host.waitForConsole(new RegExp(`The update to [0-9.]+ failed, and [0-9.]+ runs again: ${unmet}`));
      await host.waitForApi(BOOT_MS);
      await host.waitUntil("systemctl is-active mark-successful-boot.service");
      expect(await output(host, "signpost status")).toMatch(/^Active: *(Set )?A$/m);
      const { output: status } = await host.ask("apiclient status");
      expect(status).toMatch(/The update to [0-9.]+ failed at .* and is not taken again by itself: /);
      expect(status).toContain("When this host started, a health check did not hold: there is no unit nope");
      await host.stop();
      expect(await flags(sdk, host.disk, bootB.number)).toBe(TRIED);
    },
    BOOT_MS,
  );
});
