/** updog, from a repository as it is published, over HTTP, onto partitions that are files. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Targets } from "@tufjs/models";
import { signingKeyFromPem } from "../../publish/keys.ts";
import { signedMetadata } from "../../publish/sign.ts";
import { Desk, VARIANT } from "../../publish/testing.ts";
import { readAttempt, recordAttempt, refuseVersion } from "../update/attempts.ts";
import { HostTree } from "../update/install/testing.ts";
import { sha256 } from "../update/repository/testing.ts";
import { storedFrame } from "../update/testing-frames.ts";
import { type Ended, printedBy } from "./testing.ts";
import { main } from "./updog.ts";

const MIGRATION = "migrate_v1.1.0_demo.lz4";
const STEPS = { format: 1, steps: [{ "replace-list": { key: "settings.l", old: ["a"], new: ["b"] } }] };
const PARTS = { "boot.ext4": "boot", "root.ext4": "root", "root.verity": "hash" } as const;

/** A repository with 1.0.0 and 1.1.0, made once; `wild` has 2.0.0, too, to which no migrations lead. */
let desk: Desk;
let tree: HostTree;
let server: ReturnType<typeof serveRepository>;

const contentOf = (part: string, version: string) => Buffer.from(`${part} of ${version} `.repeat(5000));

function compressed(content: Uint8Array): Uint8Array {
  return Bun.spawnSync(["lz4", "-9", "-q", "-c"], { stdin: content }).stdout;
}

const imageName = (version: string, part: string) =>
  `pinwheel-${VARIANT}-x86_64-${version}-0123abcd-${part}.lz4`;

async function release(version: string, steps: readonly string[], from: string | undefined, out: string) {
  await desk.build(version);
  if (version === "1.1.0") {
    const tar = await new Bun.Archive({ [MIGRATION]: storedFrame(JSON.stringify(STEPS)) }).bytes();
    desk.write(join("images", `pinwheel-${VARIANT}-x86_64-1.1.0-0123abcd-migrations.tar`), tar);
  }
  for (const part of Object.keys(PARTS)) {
    desk.write(join("images", imageName(version, part)), compressed(contentOf(part, version)));
  }
  desk.release(version, ...steps);
  const start = ["--start", "2020-01-01T00:00:00Z"];
  const after = from === undefined ? [] : ["--from", desk.path(from)];
  await desk.repo("build", VARIANT, ...after, "--out", desk.path(out), ...start);
}

beforeAll(async () => {
  desk = new Desk();
  await desk.start();
  await release("1.0.0", [], undefined, "first");
  await release("1.1.0", [`"(1.0.0, 1.1.0)" = ["${MIGRATION}"]`], "first", "good");
  server = serveRepository();
});
afterAll(() => {
  server[Symbol.dispose]();
  desk[Symbol.dispose]();
});

/** Serves a directory of the desk, and remembers what was asked for. */
function serveRepository() {
  const asked: string[] = [];
  let answer: (path: string) => Response | undefined = () => undefined;
  const own = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      asked.push(pathname + search);
      const special = answer(pathname);
      if (special !== undefined) return special;
      const file = Bun.file(desk.path(decodeURIComponent(pathname.slice(1))));
      return (await file.exists()) ? new Response(file) : new Response("none", { status: 404 });
    },
  });
  return {
    url: `http://127.0.0.1:${own.port}/`,
    asked,
    /** What comes before the files. */
    answersFirst(next: typeof answer): void {
      answer = next;
    },
    [Symbol.dispose]: () => void own.stop(true),
  };
}

/** A host with 1.0.0 in set A, and an older version in set B. */
async function newHost(): Promise<void> {
  tree = await HostTree.make();
  write("usr/share/updog/root.json", readFileSync(desk.path("root.json")));
  runs("1.0.0");
  configure("good");
  hasSettings({ "settings.motd": "mine" });
}

function hasSettings(leaves: object): void {
  const live = { format: 1, transaction: "x", leaves };
  write("var/lib/bottlerocket/datastore/current/live.json", JSON.stringify(live));
}

beforeEach(async () => {
  server.asked.length = 0;
  server.answersFirst(() => undefined);
  await newHost();
});
afterEach(() => tree[Symbol.asyncDispose]());

function write(name: string, content: string | Uint8Array): void {
  mkdirSync(dirname(tree.path(name)), { recursive: true });
  writeFileSync(tree.path(name), content);
}

function runs(version: string): void {
  const lines = [
    `VERSION_ID=${version}`,
    `VARIANT_ID=${VARIANT}`,
    'PRETTY_NAME="Pinwheel"',
    "BUILD_ID=0123abcd",
  ];
  write("usr/lib/os-release", `${lines.join("\n")}\n`);
}

function configure(repository: string, more: Readonly<Record<string, string>> = {}): void {
  const values = {
    metadata_base_url: `"${server.url}${repository}/${VARIANT}/x86_64/"`,
    targets_base_url: `"${server.url}${repository}/targets/"`,
    seed: "100",
    version_lock: '"latest"',
    ignore_waves: "false",
    ...more,
  };
  write(
    "etc/updog.toml",
    Object.entries(values)
      .map(([key, value]) => `${key} = ${value}\n`)
      .join(""),
  );
}

function updog(...args: string[]): Promise<Ended> {
  return printedBy(() => main(args, tree.place));
}

/** Flags of the inactive set, as priority/tries left/successful. */
async function inactive(): Promise<string> {
  const { priority, triesLeft, successful } = await tree.flags();
  return `${priority}/${triesLeft}/${successful ? 1 : 0}`;
}

const refreshed = (): void => {
  rmSync(desk.path("bad"), { recursive: true, force: true });
  Bun.spawnSync(["cp", "-r", desk.path("good"), desk.path("bad")]);
};

/** The published file of a target. */
function targetFile(repository: string, name: string): string {
  const found = readdirSync(desk.path(repository, "targets")).find((file) => file.endsWith(`.${name}`));
  return desk.path(repository, "targets", found ?? "");
}

const UPDATE = {
  variant: VARIANT,
  arch: "x86_64",
  version: "1.1.0",
  max_version: "1.1.0",
  waves: {
    "0": "2020-01-01T01:00:00Z",
    "20": "2020-01-01T04:00:00Z",
    "102": "2020-01-02T00:00:00Z",
    "307": "2020-01-03T00:00:00Z",
    "819": "2020-01-05T00:00:00Z",
    "1228": "2020-01-06T00:00:00Z",
    "1843": "2020-01-07T00:00:00Z",
  },
  images: {
    boot: imageName("1.1.0", "boot.ext4"),
    root: imageName("1.1.0", "root.ext4"),
    hash: imageName("1.1.0", "root.verity"),
  },
};

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
