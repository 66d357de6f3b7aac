/** updog: what it finds, its command line, and what it does without a repository. */
import { describe, expect, it } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Targets } from "@tufjs/models";
import { signingKeyFromPem } from "../../publish/keys.ts";
import { signedMetadata } from "../../publish/sign.ts";
import { VARIANT } from "../../publish/testing.ts";
import { readAttempt, recordAttempt, refuseVersion } from "../update/attempts.ts";
import {
  configure,
  desk,
  hostsOfThisFile,
  inactive,
  refreshed,
  runs,
  server,
  tree,
  UPDATE,
  updog,
} from "./testing-updog.ts";

hostsOfThisFile();

describe("updog check-update", () => {
  it("prints the update that would be taken, as text and as JSON alone, also with a talkative log", async () => {
    for (const command of ["check-update", "whats"]) {
      expect(await updog(command)).toEqual({ exitCode: 0, stdout: `${VARIANT} 1.1.0\n`, stderr: "" });
    }
    const json = await updog("--log-level", "debug", "-j", "check-update");
    expect([json.exitCode, json.stdout]).toEqual([0, `${JSON.stringify(UPDATE, undefined, 2)}\n`]);
  });

  it("exits with 1 when there is nothing newer; update then with 0 (updates Check 18)", async () => {
    runs("1.1.0");
    expect(await updog("check-update")).toEqual({ exitCode: 1, stdout: "", stderr: "No update available\n" });
    for (const command of ["update", "update-image"]) {
      expect(await updog(command)).toEqual({ exitCode: 0, stdout: "", stderr: "No update required\n" });
    }
    expect(await inactive()).toBe("1/0/1");
  });

  it("--all lists what there is, on stderr or as a JSON array (updates Check 18)", async () => {
    expect(await updog("check-update", "--all")).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: `${VARIANT} 1.1.0\n${VARIANT} 1.0.0\n`,
    });
    const json = await updog("check-update", "--all", "--json");
    expect(JSON.parse(json.stdout).map(({ version }: { version: string }) => version)).toEqual([
      "1.1.0",
      "1.0.0",
    ]);
    expect(await updog("check-update", "-a", "-j", "--variant", "other")).toEqual({
      exitCode: 0,
      stdout: "[]\n",
      stderr: "",
    });
  });

  it("tells seed and version with every request, sorted (updates Check 20)", async () => {
    await updog("check-update");
    expect(server.asked.length).toBe(5);
    for (const request of server.asked) expect(request).toEndWith("?seed=100&version=1.0.0");
  });

  it("waits for the wave of the host, unless it is told not to", async () => {
    await desk.repo(
      "set-waves",
      VARIANT,
      "1.1.0",
      "--from",
      desk.path("good"),
      "--out",
      desk.path("later"),
      "--start",
      "in 1 day",
    );
    configure("later");
    expect((await updog("check-update")).exitCode).toBe(1);
    for (const flag of ["-n", "--now", "--ignore-waves"]) {
      expect((await updog("check-update", flag)).stdout).toBe(`${VARIANT} 1.1.0\n`);
    }
    configure("later", { ignore_waves: "true" });
    expect((await updog("check-update")).exitCode).toBe(0);
  });

  it("keeps to the version lock, and takes --image in any direction", async () => {
    configure("good", { version_lock: '"v1.0.0"' });
    expect((await updog("check-update")).exitCode).toBe(1);
    expect((await updog("check-update", "-i", "1.0.0")).stdout).toBe(`${VARIANT} 1.0.0\n`);
    configure("good", { version_lock: '"banana"' });
    const { exitCode, stderr } = await updog("check-update");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`${tree.path("etc/updog.toml")}:4:16: version_lock: found the text "banana"`);
  });

  it("passes over a version that failed on this host, and says how to have it nevertheless", async () => {
    await refuseVersion(tree.root, "1.1.0", {
      reason: "its health checks failed",
      time: "2026-01-01T00:00:00Z",
    });
    const says =
      "1.1.0 is not taken, because this host has tried it: its health checks failed. To take it nevertheless: apiclient update apply --retry";
    expect(await updog("check-update")).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: `${says}\nNo update available\n`,
    });
    expect((await updog("check-update", "--retry")).stdout).toBe(`${VARIANT} 1.1.0\n`);
    const named = await updog("update-image", "--image", "1.1.0");
    expect([named.exitCode, named.stderr.includes(says)]).toEqual([1, true]);
    expect(await inactive()).toBe("1/0/1");
  });
});

describe("updog's command line", () => {
  const wrong: readonly (readonly [args: readonly string[], says: string])[] = [
    [["update", "--timestamp", "x"], "--timestamp"],
    [["update", "-t", "x"], "-t"],
    [["update", "check-update"], "check-update"],
    [[], "a command is missing"],
    [["frobnicate"], "frobnicate"],
    [["update", "--image", "v1.2.3"], '--image is "v1.2.3"; accepted: a version like 1.11.1, without v'],
    [["update", "--image"], "--image"],
    [["update", "--log-level", "loud"], "loud"],
  ];
  for (const [args, says] of wrong) {
    it(`${["updog", ...args].join(" ")}: usage on stderr, exit 1 (updates Check 19)`, async () => {
      const { exitCode, stdout, stderr } = await updog(...args);
      expect([exitCode, stdout]).toEqual([1, ""]);
      expect(stderr).toContain(says);
      expect(stderr).toContain("Usage: updog COMMAND [OPTIONS]");
    });
  }

  it("is told by --help", async () => {
    const { exitCode, stdout } = await updog("--help");
    expect(exitCode).toBe(0);
    for (const word of ["check-update", "--progress-file PATH", "--ignore-waves"])
      expect(stdout).toContain(word);
  });
});

describe("updog without a repository", () => {
  it("activates and withdraws an update, with no configuration and no network", async () => {
    await updog("update-image");
    rmSync(tree.path("etc/updog.toml"));
    server.asked.length = 0;
    expect(await updog("update-apply")).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(await inactive()).toBe("2/1/0");
    const attempt = await readAttempt(tree.root);
    expect([attempt?.version, attempt?.from]).toEqual(["1.1.0", "1.0.0"]);
    // Again it is refused, and what is tried stays known.
    expect((await updog("update-apply")).exitCode).toBe(1);
    expect(await readAttempt(tree.root)).toEqual(attempt);
    expect(await updog("update-revert")).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(await inactive()).toBe("0/1/0");
    expect(await readAttempt(tree.root)).toBeUndefined();
    expect(await updog("prepare")).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(server.asked).toEqual([]);
  });

  it("update does both", async () => {
    expect(await updog("update")).toEqual({
      exitCode: 0,
      stdout: `Update applied: ${VARIANT} 1.1.0\n`,
      stderr: "Starting update to 1.1.0\n",
    });
    expect(await inactive()).toBe("2/1/0");
    expect((await readAttempt(tree.root))?.version).toBe("1.1.0");
  });

  it("does not take an attempt for another's: what does not hold is not recorded", async () => {
    await recordAttempt(tree.root, { version: "0.5.0", from: "0.4.0" });
    expect((await updog("update-apply")).exitCode).toBe(1);
    expect((await readAttempt(tree.root))?.version).toBe("0.5.0");
  });

  it("needs the configuration for everything else, and says so", async () => {
    rmSync(tree.path("etc/updog.toml"));
    for (const command of ["check-update", "update", "update-image"]) {
      const { exitCode, stderr } = await updog(command);
      expect([exitCode, stderr.includes(`There is no ${tree.path("etc/updog.toml")}`)]).toEqual([1, true]);
    }
  });

  it("needs a repository that has not expired for everything else (updates Check 24)", async () => {
    refreshed();
    expire("bad");
    configure("bad");
    for (const command of ["check-update", "whats", "update", "update-image"]) {
      for (const more of [["--json"], ["--all"]]) {
        const { exitCode, stdout, stderr } = await updog(command, ...more);
        expect([exitCode, stdout]).toEqual([1, ""]);
        expect(stderr).toMatch(
          / \[ERROR\] The timestamp role at http:\S+timestamp.json has expired at \S+, and it is \S+ now\. /,
        );
      }
    }
    expect(await inactive()).toBe("1/0/1");
  });
});

/** Signs what a repository lists anew, so that it has expired already. */
function expire(repository: string): void {
  const directory = desk.path(repository, VARIANT, "x86_64");
  const { version } = desk.json(repository, VARIANT, "x86_64", "timestamp.json").signed;
  const { signed } = desk.json(repository, VARIANT, "x86_64", `${version}.targets.json`);
  const targets = Object.values(Targets.fromJSON(signed).targets);
  const key = signingKeyFromPem("default.pem", readFileSync(desk.path("default.pem"), "utf8"));
  const lasting = { snapshot: 0n, targets: 0n, timestamp: 0n };
  const now = BigInt(Date.now() - 1000) * 1_000_000n;
  for (const [name, text] of signedMetadata(targets, version, lasting, key, now)) {
    writeFileSync(join(directory, name), text);
  }
}

describe("updog behind a proxy", () => {
  it("asks it for what is at https addresses, and no other", async () => {
    const connects: string[] = [];
    const proxy = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        data(socket, data) {
          connects.push(data.toString().split("\r\n")[0] ?? "");
          socket.end("HTTP/1.1 403 no\r\n\r\n");
        },
      },
    });
    const before = { ...process.env };
    try {
      const settings = { https_proxy: `"127.0.0.1:${proxy.port}"`, no_proxy: '["direct.invalid"]' };
      configure("good", settings);
      expect((await updog("check-update")).exitCode).toBe(0);
      expect(connects).toEqual([]);
      configure("good", { ...settings, metadata_base_url: '"https://updates.invalid/m/"' });
      const { exitCode, stderr } = await updog("check-update");
      expect([
        exitCode,
        stderr.includes("https://updates.invalid/m/2.root.json cannot be fetched: "),
      ]).toEqual([1, true]);
      expect(new Set(connects)).toEqual(new Set(["CONNECT updates.invalid:443 HTTP/1.1"]));
      connects.length = 0;
      configure("good", { ...settings, metadata_base_url: '"https://direct.invalid/m/"' });
      expect((await updog("check-update")).exitCode).toBe(1);
      expect(connects).toEqual([]);
    } finally {
      proxy.stop(true);
      for (const name of ["HTTPS_PROXY", "NO_PROXY"]) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
  });
});
