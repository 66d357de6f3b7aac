/** A damaged root or partition table: the host runs on what is good, and never on what is not. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import type { Machine } from "../../lab/index.ts";
import { copySetAToB, flags, flipByte, partition, setFlags, tableReport, wipeTable } from "../disk.ts";
import { newMachine, output, powerOn, testImage } from "../lab.ts";

const BOOT_MS = 900_000;
const SUCCESSFUL_2 = 0x0102; // priority 2, successful
const SUCCESSFUL_1 = 0x0101; // priority 1, successful
const SUPERBLOCK_BYTE = 1024 + 64; // inside EROFS's superblock, which every mount reads

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
      await host.stop();
      expect(await flags(sdk, host.disk, bootB.number)).toBe(SUCCESSFUL_1);
    },
    BOOT_MS,
  );
});
