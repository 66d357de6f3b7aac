/** updog: updates that are written to partitions, which are files. */
import { describe, expect, it } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { VARIANT } from "../../publish/testing.ts";
import { sha256 } from "../update/repository/testing.ts";
import {
  configure,
  contentOf,
  desk,
  hasSettings,
  hostsOfThisFile,
  imageName,
  inactive,
  MIGRATION,
  refreshed,
  runs,
  server,
  targetFile,
  tree,
  UPDATE,
  updog,
  write,
} from "./testing-updog.ts";

hostsOfThisFile();

describe("updog update-image", () => {
  it("writes the three images, caches what the migrations need, and makes the set valid (updates Check 23)", async () => {
    expect(await updog("update-image")).toEqual({
      exitCode: 0,
      stdout: `Update applied: ${VARIANT} 1.1.0\n`,
      stderr: "Starting update to 1.1.0\n",
    });
    expect(await inactive()).toBe("0/1/0");
    for (const [part, number] of [
      ["boot.ext4", 8],
      ["root.ext4", 9],
      ["root.verity", 10],
    ] as const) {
      const expected = contentOf(part, "1.1.0");
      expect(Buffer.from(await tree.read(number, expected.length)).equals(expected)).toBe(true);
    }
    const cached = tree.path("var/lib/bottlerocket-migrations");
    const files = readdirSync(cached);
    expect(files.map((file) => file.slice(65)).sort()).toEqual(["manifest.json", MIGRATION]);
    for (const file of files) expect(file.slice(0, 64)).toBe(sha256(readFileSync(join(cached, file))));
    expect(readdirSync(tree.path("var/cache/bottlerocket-metadata")).sort()).toEqual([
      ...desk.list("good", VARIANT, "x86_64"),
    ]);
  });

  it("tells the new version, and the migrations once they are cached, with every request (updates Check 20)", async () => {
    await updog("update-image");
    const images = server.asked.filter((request) => request.includes("ext4") || request.includes("verity"));
    expect(images.length).toBe(3);
    const migrations = `${MIGRATION}%2Cmanifest.json`;
    for (const request of images) {
      expect(request).toEndWith(`?migrations=${migrations}&seed=100&target=1.1.0&version=1.0.0`);
    }
    expect(server.asked.find((request) => request.includes(MIGRATION))).toEndWith(
      "?seed=100&target=1.1.0&version=1.0.0",
    );
  });

  it("prints JSON when asked for it, and tells in a file how far it is", async () => {
    const file = tree.path("progress.json");
    const { stdout } = await updog("update-image", "--json", "--progress-file", file);
    expect(stdout).toBe(`${JSON.stringify(UPDATE, undefined, 2)}\n`);
    const total = readFileSync(targetFile("good", imageName("1.1.0", "root.verity"))).length;
    expect(readFileSync(file, "utf8")).toBe(
      `${JSON.stringify({ step: "images", image: "hash", done: total, total })}\n`,
    );
  });

  it("may be done again, and over what is activated already", async () => {
    await updog("update");
    expect(await inactive()).toBe("2/1/0");
    expect((await updog("update-image")).exitCode).toBe(0);
    expect(await inactive()).toBe("0/1/0");
  });

  it("goes down, too, when it is told to", async () => {
    runs("1.1.0");
    expect((await updog("update-image", "--image", "1.0.0")).stdout).toBe(
      `Update applied: ${VARIANT} 1.0.0\n`,
    );
    const cached = readdirSync(tree.path("var/lib/bottlerocket-migrations"));
    expect(cached.some((name) => name.endsWith(MIGRATION))).toBe(true);
  });

  it("changes nothing when no migrations lead to the version (updates Check 22)", async () => {
    runs("0.9.0");
    const before = readFileSync(tree.path("dev/vda"));
    const { exitCode, stderr } = await updog("update-image");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      "No migrations lead from 0.9.0 to 1.1.0: the chain of the manifest ends at 0.9.0",
    );
    expect(readFileSync(tree.path("dev/vda")).equals(before)).toBe(true);
    expect(existsSync(tree.path("var/lib/bottlerocket-migrations"))).toBe(false);
  });

  it("changes nothing when a migration would fail on the settings of this host", async () => {
    hasSettings({ "settings.l": [1] });
    const before = readFileSync(tree.path("dev/vda"));
    const { exitCode, stderr } = await updog("update-image");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`The migration ${MIGRATION} failed on its way forward`);
    expect(readFileSync(tree.path("dev/vda")).equals(before)).toBe(true);
    expect(existsSync(tree.path("var/cache/bottlerocket-metadata/timestamp.json"))).toBe(false);
  });

  for (const [what, spoil] of [
    [
      "one byte of the root image is another",
      (file: string) => {
        const bytes = readFileSync(file);
        bytes[100] = (bytes[100] ?? 0) ^ 1;
        writeFileSync(file, bytes);
      },
    ],
    ["something follows the end of the root image's frame", (file: string) => appendFileSync(file, "more")],
    [
      "the root image is cut short",
      (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 50)),
    ],
    ["the root image is not there", (file: string) => rmSync(file)],
  ] as const) {
    it(`fails when ${what}; what is in the inactive set cannot be activated (updates Check 21)`, async () => {
      refreshed();
      const file = targetFile("bad", imageName("1.1.0", "root.ext4"));
      spoil(file);
      configure("bad");
      const { exitCode, stderr } = await updog("update-image");
      expect(exitCode).toBe(1);
      expect(stderr).toContain(file.slice(desk.path("bad").length + 1));
      expect(await inactive()).toBe("0/0/0");
      const apply = await updog("update-apply");
      expect(apply.exitCode).toBe(1);
      expect(apply.stderr).toContain("The inactive set is not marked valid");
      expect((await updog("update-image", "--image", "1.0.0")).exitCode).toBe(0);
    });
  }
});

describe("updog that is told to end", () => {
  it("gives up the image that it writes, and leaves the inactive set cleared", async () => {
    const endless = new ReadableStream({
      start: (out) => out.enqueue(new Uint8Array(4)),
      pull: () => {
        process.kill(process.pid, "SIGTERM");
        return new Promise(() => undefined); // nothing more comes
      },
    });
    server.answersFirst((path) => (path.endsWith("root.ext4.lz4") ? new Response(endless) : undefined));
    const { exitCode, stderr } = await updog("update-image");
    expect([exitCode, stderr.includes("The update was ended by SIGTERM")]).toEqual([1, true]);
    expect(await inactive()).toBe("0/0/0");
  });
});

describe("updog --reboot", () => {
  it("reboots in a minute once the update is activated, and not when that failed", async () => {
    write("sbin/shutdown", `#!/bin/sh\necho "$@" >> ${tree.path("shutdowns")}\n`);
    chmodSync(tree.path("sbin/shutdown"), 0o755);
    expect((await updog("update-apply", "--reboot")).exitCode).toBe(1);
    expect(existsSync(tree.path("shutdowns"))).toBe(false);
    expect((await updog("update", "-r")).exitCode).toBe(0);
    expect(readFileSync(tree.path("shutdowns"), "utf8")).toBe("-r\n");
    await updog("update-revert");
    expect((await updog("update-apply", "-r")).exitCode).toBe(0);
    expect(readFileSync(tree.path("shutdowns"), "utf8")).toBe("-r\n-r\n");
  });
});
