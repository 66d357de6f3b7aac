/**
 * storewolf as the boot runs it. Where the specification's Checks look at single files of settings, these look at
 * the documents that this store has instead, and services and metadata are not stored at all: they come with the
 * variant, so that an update can correct them.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "bun:test";
import { cp, mkdir, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Ended, RELEASE, type RunOptions, TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";

const BASE = "/var/lib/bottlerocket/datastore";

let root: TestRoot;
beforeAll(async () => {
  root = await TestRoot.make();
}, 300_000);
afterAll(() => root?.remove());
beforeEach(async () => {
  await rm(root.at(BASE), { recursive: true, force: true });
  await writeFile(root.at("usr/lib/os-release"), RELEASE);
});

const storewolf = (args: readonly string[] = [], options?: RunOptions): Promise<Ended> =>
  root.run(["/usr/bin/storewolf", "--data-store-base-path", BASE, ...args], options);
const leavesOf = async (path: string) => JSON.parse(await readFile(root.at(BASE, path), "utf8")).leaves;
const launch = "current/pending/bottlerocket-launch.json";

/** The live document as after a commit of these settings. */
const setLive = (leaves: object) =>
  writeFile(root.at(BASE, "current/live.json"), JSON.stringify({ format: 1, transaction: "x", leaves }));

describe("storewolf", () => {
  it("api Check 1, with documents: an empty base gets links and store, and the defaults wait", async () => {
    const ended = await storewolf(["--version", "3.4.5"]);
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    const links = ["current", "v3", "v3.4", "v3.4.5"];
    const targets = await Promise.all(links.map((name) => readlink(root.at(BASE, name))));
    expect(targets.slice(0, 3)).toEqual(["v3", "v3.4", "v3.4.5"]);
    expect(targets[3]).toMatch(/^v3\.4\.5_[A-Za-z0-9]{16}$/);
    expect(await leavesOf("current/live.json")).toEqual({});
    expect(await leavesOf(launch)).toEqual({ "settings.motd": "Welcome" });
  });

  it("api Check 2, with documents: the next run keeps what is live and forgets the transactions", async () => {
    await storewolf();
    await setLive({ "settings.motd": "changed" });
    await cp(root.at(BASE, launch), root.at(BASE, "current/pending/t1.json"));
    const names = await readdir(root.at(BASE));
    expect(await storewolf()).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await leavesOf("current/live.json")).toEqual({ "settings.motd": "changed" });
    expect(await readdir(root.at(BASE, "current/pending"))).toEqual([]);
    expect(await readdir(root.at(BASE))).toEqual(names);
  });

  it("api Check 3, with documents: a default that is not live waits again, and is not made live", async () => {
    await storewolf();
    await setLive({ "settings.updates.seed": 3 });
    expect((await storewolf()).exitCode).toBe(0);
    expect(await leavesOf("current/live.json")).toEqual({ "settings.updates.seed": 3 });
    expect(await leavesOf(launch)).toEqual({ "settings.motd": "Welcome" });
  });

  it("api Check 4, the other way round: what a store has of services is not touched, and does not count", async () => {
    await storewolf();
    const file = root.at(BASE, "current/live/services/ntp/restart-commands");
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '["true"]');
    expect(await storewolf()).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await readFile(file, "utf8")).toBe('["true"]');
    const server = await RunningServer.start(root);
    const { body } = await server.ask("GET", "/services?names=ntp");
    await server.end();
    expect(JSON.parse(body).ntp["restart-commands"]).toEqual(["/bin/systemctl try-restart chronyd"]);
  });

  it("takes the version of a new store from the release file, without what the links do not have", async () => {
    await writeFile(root.at("usr/lib/os-release"), RELEASE.replace("1.11.1\nBUILD", "2.3.4-rc.1+5\nBUILD"));
    expect((await storewolf()).exitCode).toBe(0);
    expect((await readdir(root.at(BASE))).map((name) => name.replace(/_.*/, "_")).sort()).toEqual([
      "current",
      "v2",
      "v2.3",
      "v2.3.4",
      "v2.3.4_",
    ]);
  });

  const wrong: [what: string, args: string[], says: string][] = [
    ["no base", [], "option --data-store-base-path is required"],
    ["a relative base", ["--data-store-base-path", "x"], "accepted: an absolute path"],
    ["half a version", ["--data-store-base-path", BASE, "--version", "1.2"], "accepted: three numbers"],
    ["an unknown option", ["--data-store-base-path", BASE, "--frob"], "unknown option --frob"],
    ["an option without its value", ["--data-store-base-path"], "needs a value"],
  ];
  for (const [what, args, says] of wrong) {
    it(`exits 2 for ${what}, with its usage on stderr, and makes nothing`, async () => {
      const ended = await root.run(["/usr/bin/storewolf", ...args]);
      expect(ended).toMatchObject({ exitCode: 2, stdout: "" });
      expect(ended.stderr).toContain(says);
      expect(ended.stderr).toContain("Usage: storewolf");
      expect(await readdir(root.at("var/lib/bottlerocket"))).toEqual([]);
    });
  }

  const unusable: [what: string, release: string | undefined, says: string][] = [
    ["is not there", undefined, "There is no /usr/lib/os-release; give --version X.Y.Z"],
    ["has no version", RELEASE.replace("VERSION_ID", "VERSION"), "it has no VERSION_ID"],
    ["has a version that is none", RELEASE.replace("1.11.1\nBUILD", "eleven\nBUILD"), '"eleven"'],
  ];
  for (const [what, release, says] of unusable) {
    it(`exits 1 when the release file ${what}, and needs none when the version is given`, async () => {
      if (release === undefined) await rm(root.at("usr/lib/os-release"));
      else await writeFile(root.at("usr/lib/os-release"), release);
      const ended = await storewolf();
      expect(ended.exitCode).toBe(1);
      expect(ended.stderr).toContain(says);
      expect((await storewolf(["--version", "1.11.1"])).exitCode).toBe(0);
    });
  }

  it("exits 1 for a live document that is damaged, and leaves it as it is", async () => {
    await storewolf();
    await writeFile(root.at(BASE, "current/live.json"), "{");
    const ended = await storewolf();
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toContain("live.json does not hold a document of the data store: it is not JSON");
    expect(await readFile(root.at(BASE, "current/live.json"), "utf8")).toBe("{");
  });
});

describe("on a full private partition", () => {
  /** A small file system without a byte left, over the store that is there or over nothing. */
  const full = (store: "with" | "without") => `mount -t tmpfs -o size=64k tmpfs "$R/var/lib/bottlerocket"
    ${store === "with" ? 'cp -a "$R/copy/." "$R/var/lib/bottlerocket/"' : ":"}
    head -c 1M /dev/zero >"$R/var/lib/bottlerocket/ballast" 2>/dev/null || :`;

  it("the host starts with the settings it has: only new defaults are missing, and that is told", async () => {
    await storewolf();
    await setLive({ "settings.updates.seed": 3 });
    // Nothing that would give its space back when it is cleared away.
    await rm(root.at(BASE, launch));
    await cp(root.at("var/lib/bottlerocket"), root.at("copy"), { recursive: true, verbatimSymlinks: true });
    const options = { mounts: full("with") };
    const ended = await storewolf([], options);
    expect(ended.exitCode).toBe(0);
    expect(ended.stderr).toMatch(/\[ERROR\] No defaults are staged: .*ENOSPC: no space left on device/);
    // Both programs in the same namespace, as at boot.
    const script = `storewolf --data-store-base-path ${BASE}
      apiserver --datastore-path ${BASE}/current & while [ ! -S /run/api.sock ]; do sleep 0.05; done
      apiclient get settings.; kill $!; wait $!`;
    const booted = await root.run(["/bin/sh", "-c", script], options);
    expect(booted.stdout).toContain('{\n  "settings": {\n    "updates": {\n      "seed": 3\n    }\n  }\n}\n');
  });

  it("there is no host without any store", async () => {
    const ended = await storewolf([], { mounts: full("without") });
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toContain("could not be made ready: ENOSPC");
  });
});
