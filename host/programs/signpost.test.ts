import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attributesOf } from "../update/sample-table.ts";
import { bootAttributes, diskBytes as diskOnHost, makeHost, ROOT_DEVICE } from "../update/testing.ts";
import { main } from "./signpost.ts";
import { type Ended, printedBy } from "./testing.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "signpost-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const host = (a: string, b: string, under?: readonly number[]) => makeHost(root, a, b, under);

function signpost(...args: string[]): Promise<Ended> {
  return printedBy(() => main(args, { root, rootDevice: ROOT_DEVICE }));
}

const diskBytes = () => diskOnHost(root);
const attributes = () => bootAttributes(root);

describe("signpost status", () => {
  it("prints five lines on a fresh image (updates Check 2)", async () => {
    await host("1/0/1", "0/0/0");
    expect(await signpost("status", "and", "more")).toEqual({
      exitCode: 0,
      stdout: [
        "OS disk: /dev/nvme0n1",
        "Set A:   boot=/dev/nvme0n1p3 root=/dev/nvme0n1p4 hash=/dev/nvme0n1p5 priority=1 tries_left=0 successful=true",
        "Set B:   boot=/dev/nvme0n1p8 root=/dev/nvme0n1p9 hash=/dev/nvme0n1p10 priority=0 tries_left=0 successful=false",
        "Active:  Set A",
        "Next:    Set A",
        "",
      ].join("\n"),
      stderr: "",
    });
  });

  it("names the active set by the partitions under the root, and none when no set can start", async () => {
    await host("0/0/1", "0/1/0", [9, 10]);
    expect((await signpost("status")).stdout).toContain("Active:  Set B\nNext:    None\n");
  });

  it("says so when the root belongs to no set", async () => {
    await host("1/0/1", "0/0/0", [13]);
    const { exitCode, stderr } = await signpost("status");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      "signpost: status: The root stands on partition 13 of /dev/nvme0n1, which belongs to no set",
    );
    expect(stderr.trimEnd()).not.toContain("\n");
  });
});

describe("signpost", () => {
  it("stages, cancels and stages again (updates Checks 3 and 4, os-image Check 13)", async () => {
    await host("1/0/1", "0/0/0");
    const before = await diskBytes();
    expect((await signpost("upgrade-to-inactive")).exitCode).toBe(1);
    expect(await diskBytes()).toEqual(before);

    expect(await signpost("mark-inactive-valid")).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect((await signpost("upgrade-to-inactive")).exitCode).toBe(0);
    expect(await attributes()).toEqual([0x0101_0000_0000_0000n, 0x0012_0000_0000_0000n]);
    expect((await signpost("upgrade-to-inactive")).stderr).toBe(
      "signpost: upgrade-to-inactive: The inactive set is already marked for upgrade; clear it and write an image " +
        "first (found priority=2 tries_left=1 successful=false) (See the flags with `signpost status`; nothing was " +
        "written)\n",
    );

    expect((await signpost("cancel-upgrade")).exitCode).toBe(0);
    expect(await attributes()).toEqual([0x0102_0000_0000_0000n, 0x0010_0000_0000_0000n]);
    expect((await signpost("upgrade-to-inactive")).exitCode).toBe(0);
  });

  it("rolls back only to a set that can start (updates Check 5)", async () => {
    await host("1/0/1", "0/1/0");
    expect((await signpost("rollback-to-inactive")).exitCode).toBe(1);
    await rm(root, { recursive: true });
    await host("1/0/1", "0/0/1/3");
    expect((await signpost("rollback-to-inactive")).exitCode).toBe(0);
    expect(await attributes()).toEqual([attributesOf("1/0/1"), attributesOf("2/0/1/0")]);
  });

  it("marks a boot good and forgets its starts", async () => {
    await host("1/0/1", "2/0/0", [9, 10]);
    expect((await signpost("mark-successful-boot")).exitCode).toBe(0);
    expect(await attributes()).toEqual([0x0101_0000_0000_0000n, 0x0102_0000_0000_0000n]);
    await rm(root, { recursive: true });
    await host("2/0/1/2", "1/0/1");
    expect((await signpost("mark-successful-boot")).exitCode).toBe(0);
    expect(await attributes()).toEqual([attributesOf("2/0/1"), attributesOf("1/0/1")]);
  });

  it("empties the inactive set", async () => {
    await host("1/0/1", "2/1/1/3");
    expect((await signpost("clear-inactive")).exitCode).toBe(0);
    expect(await attributes()).toEqual([attributesOf("1/0/1"), 0n]);
  });

  it("rewrite-table makes both copies good without changing the content (updates Check 7)", async () => {
    await host("1/0/1", "2/1/0");
    const before = await diskBytes();
    const damaged = Buffer.from(before);
    damaged.fill(0, 512, 1024);
    await writeFile(join(root, "dev/nvme0n1"), damaged);
    expect((await signpost("rewrite-table")).exitCode).toBe(0);
    expect(await diskBytes()).toEqual(before);
  });

  it("leaves a disk without a table alone and says what it found", async () => {
    await host("1/0/1", "0/0/0");
    await writeFile(join(root, "dev/nvme0n1"), new Uint8Array((await diskBytes()).length));
    const { exitCode, stderr } = await signpost("clear-inactive");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      "Neither copy of the partition table on /dev/nvme0n1 can be used (primary: no GPT signature; backup: no GPT signature)",
    );
  });

  it("keeps both changes when two run at once", async () => {
    await host("1/0/1/2", "0/0/0");
    const program = join(import.meta.dir, "signpost.ts");
    const script = `import { main } from ${JSON.stringify(program)};
      process.exit(await main([process.argv[2]], { root: ${JSON.stringify(root)}, rootDevice: ${ROOT_DEVICE}n }));`;
    await writeFile(join(root, "run.ts"), script);
    const commands = ["mark-successful-boot", "mark-inactive-valid"];
    const runs = commands.map(
      (command) => Bun.spawn([process.execPath, join(root, "run.ts"), command]).exited,
    );
    expect(await Promise.all(runs)).toEqual([0, 0]);
    expect(await attributes()).toEqual([attributesOf("1/0/1"), attributesOf("0/1/0")]);
  });

  for (const args of [[], ["bogus"], ["constructor"], ["has-boot-ever-succeeded"]]) {
    it(`prints its usage on stderr for ${JSON.stringify(args)} (updates Check 6)`, async () => {
      const { exitCode, stdout, stderr } = await signpost(...args);
      expect(exitCode).toBe(1);
      expect(stdout).toBe("");
      expect(stderr).toContain("Usage: signpost COMMAND");
    });
  }
});
