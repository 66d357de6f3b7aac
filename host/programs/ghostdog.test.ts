import { afterAll, describe, expect, it } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diskUse } from "../update/disk-use.ts";
import { readPartitionTable } from "../update/partition-table.ts";
import { partitionTypes } from "../update/partition-types.ts";
import { memoryDisk, sampleTable, writeTable } from "../update/sample-table.ts";

const directory = mkdtempSync(join(tmpdir(), "pinwheel-ghostdog-"));
afterAll(() => rmSync(directory, { recursive: true }));

const foreignType = "0fc63daf-8483-4772-8e79-3d69d8477de4";

function diskWith(...partitions: { type: string; name?: string }[]) {
  const disk = memoryDisk(2048);
  writeTable(
    disk,
    sampleTable(
      disk,
      partitions.map((partition, index) => ({ number: index + 1, ...partition })),
    ),
  );
  return disk;
}

async function scan(path: string) {
  const command = [process.execPath, join(import.meta.dir, "../main.ts"), "ghostdog", "scan", path];
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { exitCode: await child.exited, stdout, stderr };
}

describe("ghostdog scan", () => {
  const table: [situation: string, content: Uint8Array, type: string][] = [
    ["platform Check 36: a zeroed disk is ephemeral", memoryDisk(2048).content, "ephemeral"],
    [
      "os-image Check 24: a partition of type PRIVATE",
      diskWith({ type: partitionTypes.private }).content,
      "system",
    ],
    [
      "platform Check 36: a foreign partition named BOTTLEROCKET-X",
      diskWith({ type: foreignType, name: "BOTTLEROCKET-X" }).content,
      "system",
    ],
    ["a foreign table is ephemeral", diskWith({ type: foreignType, name: "data" }).content, "ephemeral"],
  ];
  for (const [situation, content, type] of table) {
    it(situation, async () => {
      const path = join(directory, "disk.img");
      writeFileSync(path, content);
      expect(await scan(path)).toEqual({
        exitCode: 0,
        stdout: `BOTTLEROCKET_DEVICE_TYPE=${type}\n`,
        stderr: "",
      });
    });
  }

  it("os-image Check 24: a missing path exits 1 and is named", async () => {
    const result = await scan(join(directory, "none"));
    expect(result).toMatchObject({ exitCode: 1, stdout: "" });
    expect(result.stderr).toStartWith(`Failed to open '${directory}/none': ENOENT`);
  });

  it("does not call a disk ephemeral that cannot be read", () => {
    const failing = { ...memoryDisk(2048), read: () => undefined };
    expect(diskUse(readPartitionTable(failing))).toBe("unreadable");
  });
});
