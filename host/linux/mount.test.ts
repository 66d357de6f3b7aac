import { afterAll, describe, expect, it } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mountFatReadOnly } from "./mount.ts";

const directory = mkdtempSync(join(tmpdir(), "pinwheel-mount-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** A program in place of `mount`, which needs a kernel that lets us. */
function program(text: string): string {
  const path = join(directory, "mount");
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe("the boot partition", () => {
  it("is mounted read-only, private, for root alone, and nothing in it can be executed", async () => {
    const said = join(directory, "said");
    await mountFatReadOnly("/dev/vda3", "/boot", program(`echo "$@" > ${said}`));
    expect(readFileSync(said, "utf8")).toBe(
      "-t vfat -o ro,nosuid,nodev,noexec,noatime,umask=0077 --make-private /dev/vda3 /boot\n",
    );
  });

  it("that is mounted already is an error in the words of mount", () => {
    const failing = program("echo 'mount: /boot: /dev/vda3 already mounted.' >&2; exit 32");
    expect(mountFatReadOnly("/dev/vda3", "/boot", failing)).rejects.toThrow(
      "/dev/vda3 was not mounted on /boot: mount: /boot: /dev/vda3 already mounted.",
    );
  });
});
