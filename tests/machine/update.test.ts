/**
 * A host is updated to the next release over its API, from a repository of the lab: there, back, and by itself back from
 * one that is not healthy. The next release has its own code, its own defaults, and migrations for both.
 */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Machine } from "../../lab/index.ts";
import { UpdateServer } from "../../lab/update-server.ts";
import { updateSettings } from "../../lab/update-settings.ts";
import { joined, userDataOf } from "../../lab/user-data.ts";
import { newMachine, output, setting, testImage } from "../lab.ts";
import { NextCheckout } from "./support/next-checkout.ts";
import { publishRelease, thisRelease } from "./support/updates.ts";

const VARIANT = "metal-dev";
const NEXT = "1.12.0";
const SERVERS = ["a.example", "b.example"];
const BOOT_MS = 600_000;

let directory: string;
let version: string;
let server: UpdateServer;
let host: Machine;

/** What the developers of the next release do: a setting gets another name, another one another default. */
function makeNext(at: string): Promise<NextCheckout> {
  const servers = [
    "host/settings/groups/ntp.ts",
    "host/settings/groups/host-examples.ts",
    "variants/shared/templates/chrony-conf",
    "variants/shared/defaults/public.toml",
    "variants/shared/defaults/aws.toml",
  ].map((file) => ({ file, old: "time-servers", new: "servers" }));
  const targets = ["servers", "message"].map((name) => `"migrate_v${NEXT}_${name}.lz4"`).join(", ");
  return NextCheckout.make(
    at,
    [
      ...servers,
      { file: "variants/shared/defaults/base.toml", old: "Welcome to Pinwheel!", new: "Welcome back!" },
      { file: "Release.toml", old: `version = "${version}"`, new: `version = "${NEXT}"` },
      {
        file: "Release.toml",
        old: "[migrations]",
        new: `[migrations]\n"(${version}, ${NEXT})" = [${targets}]`,
      },
    ],
    {
      [`migrations/${NEXT}/servers.toml`]: `format = 1
[[steps]]
rename-setting = { from = "settings.ntp.time-servers", to = "settings.ntp.servers" }
`,
      [`migrations/${NEXT}/message.toml`]: `format = 1
[[steps]]
replace-string = { key = "settings.motd", old = "Welcome to Pinwheel!", new = "Welcome back!" }
`,
    },
  );
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "pinwheel-update-"));
  const first = await thisRelease();
  version = first.version;
  await testImage(VARIANT);
  const next = await makeNext(join(directory, "next"));
  await next.run("build", VARIANT);
  const [base, repository] = [join(directory, "repository-1"), join(directory, "repository-2")];
  await publishRelease(VARIANT, first, base);
  await next.run("repo", "build", VARIANT, ...["--repo", "development", "--from", base, "--out", repository]);
  server = await UpdateServer.start(repository);
  const own = { ntp: { "time-servers": SERVERS } };
  const userData = userDataOf(joined(own, updateSettings(server.port, VARIANT)));
  host = await newMachine("test-update", { userData }, false, VARIANT);
  await host.waitForApi();
  await host.waitForBoot();
  await untilMarkedGood();
}, 1_200_000);

afterAll(async () => {
  await host?.stop();
  await server?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
}, 120_000);

const untilMarkedGood = () =>
  host.waitUntil(
    "signpost status | grep -q \"$(signpost status | sed -n 's/^Active: *//p').*successful=true\"",
    300_000,
  );
const restart = async () => {
  await host.reboot(BOOT_MS);
  await host.waitForBoot();
};
const runningVersion = async () =>
  /^VERSION_ID="?([^"\n]*)/m.exec(await output(host, "cat /etc/os-release"))?.[1];
/** As `signpost status` tells: priority/tries left/successful of both sets, and which are meant. */
const sets = async () => {
  const text = await output(host, "signpost status");
  const flags = (set: string) =>
    new RegExp(`^Set ${set}:.*priority=(\\d+) tries_left=(\\d+) successful=(\\w+)$`, "m")
      .exec(text)
      ?.slice(1)
      .join("/")
      .replace("true", "1")
      .replace("false", "0");
  return {
    A: flags("A"),
    B: flags("B"),
    active: /^Active: +Set (.)$/m.exec(text)?.[1],
    next: /^Next: +Set (.)$/m.exec(text)?.[1],
  };
};
/** Looks for an update; what is told beside the result goes elsewhere, as in a script. */
const check = async () =>
  JSON.parse(await output(host, "apiclient update check 2>/dev/null", { timeoutMs: 120_000 }));
const status = async () => JSON.parse(await output(host, "apiclient raw -u /updates/status"));

describe("an update", () => {
  it("updates 10: is found, and nothing has changed yet", async () => {
    const found = await check();
    expect(found).toMatchObject({
      update_state: "Available",
      available_updates: [NEXT, version],
      chosen_update: { arch: "x86_64", variant: VARIANT, version: NEXT },
      active_partition: { image: { version }, next_to_boot: true },
      staging_partition: null,
    });
    expect(await sets()).toEqual({ A: "1/0/1", B: "0/0/0", active: "A", next: "A" });
  }, 180_000);

  it("updates 10: is written and activated, with progress; the version that runs stays as it is", async () => {
    const said = await output(host, "apiclient update apply 2>&1", { timeoutMs: 600_000 });
    expect(said).toMatch(new RegExp(`preparing ${NEXT}: root \\d+ %`));
    expect(await sets()).toEqual({ A: "1/0/1", B: "2/1/0", active: "A", next: "B" });
    expect(await status()).toMatchObject({
      update_state: "Ready",
      staging_partition: { image: { version: NEXT }, next_to_boot: true },
    });
  }, 660_000);

  it("updates Check 20: told the repository who asks for what, with every request", () => {
    const queries = server.requests.map(({ path, query }) => ({ path, query: new URLSearchParams(query) }));
    for (const { path, query } of queries) {
      expect({ path, names: [...query.keys()] }).toEqual({ path, names: [...query.keys()].toSorted() });
      expect(query.get("version")).toBe(version);
      expect(Number(query.get("seed"))).toBeWithin(0, 2048);
    }
    const images = queries.filter(({ path }) => path.endsWith("-root.ext4.lz4"));
    expect(images).toHaveLength(1);
    expect(images[0]?.query.get("target")).toBe(NEXT);
    expect(images[0]?.query.get("migrations")).toBe(
      `migrate_v${NEXT}_servers.lz4,migrate_v${NEXT}_message.lz4,manifest.json`,
    );
  });

  it(
    "updates Check 23: starts with the settings brought to it, and counts as good",
    async () => {
      await restart();
      expect(await runningVersion()).toBe(NEXT);
      expect(await setting(host, "settings.ntp.servers")).toEqual(SERVERS);
      expect(await setting(host, "settings.motd")).toBe("Welcome back!");
      expect(await output(host, "cat /etc/motd; grep pool /etc/chrony.conf")).toBe(
        "Welcome back!\npool a.example iburst\npool b.example iburst\n",
      );
      await untilMarkedGood();
      expect(await sets()).toEqual({ A: "1/0/1", B: "2/0/1", active: "B", next: "B" });
    },
    BOOT_MS,
  );
});

describe("the way back", () => {
  it(
    "updates 20: needs no network, and the settings are as they were",
    async () => {
      await output(host, "signpost rollback-to-inactive");
      const before = server.requests.length;
      await restart();
      expect(await runningVersion()).toBe(version);
      expect(await setting(host, "settings.ntp.time-servers")).toEqual(SERVERS);
      expect(await setting(host, "settings.motd")).toBe("Welcome to Pinwheel!");
      expect(server.requests.length).toBe(before);
      expect(await sets()).toEqual({ A: "2/0/1", B: "1/0/1", active: "A", next: "A" });
    },
    BOOT_MS,
  );

  it("is no refusal: the same update is offered again", async () => {
    const found = await check();
    expect(found).toMatchObject({ update_state: "Available", chosen_update: { version: NEXT } });
  }, 180_000);
});

describe("an update that is not healthy", () => {
  it(
    "goes back by itself, and the version before says why",
    async () => {
      await output(
        host,
        `apiclient set --wait --json '{"updates":{"health":{"units":["no-such.service"],"time-limit":"10s"}}}'`,
      );
      await output(host, "apiclient update apply", { timeoutMs: 600_000 });
      const boots = (await host.consoleText()).split("Linux version").length;
      await host.reboot(BOOT_MS);
      await host.waitForConsole(/no-such\.service/);
      await host.waitForApi();
      await host.waitForBoot();
      expect((await host.consoleText()).split("Linux version").length - boots).toBe(2);
      expect(await runningVersion()).toBe(version);
      expect(await sets()).toMatchObject({ A: "1/0/1", B: "2/0/0", active: "A", next: "A" });
      const text = await output(host, "apiclient update status");
      expect(text).toMatch(new RegExp(`^refused +${NEXT} is not taken since .*no-such\\.service`, "m"));
    },
    2 * BOOT_MS,
  );

  it("is not taken again, until somebody says so", async () => {
    const found = await check();
    expect(found).toMatchObject({ update_state: "Idle", chosen_update: null });
    const refused = await host.ask("apiclient update apply 2>&1", { timeoutMs: 120_000 });
    expect(refused.exitCode).toBe(1);
    expect(refused.output).toContain("--retry");
    await output(host, "apiclient update apply --retry", { timeoutMs: 600_000 });
    expect(await sets()).toEqual({ A: "1/0/1", B: "2/1/0", active: "A", next: "B" });
  }, 900_000);

  it("updates 10: is taken back before the restart, offline", async () => {
    await server[Symbol.asyncDispose]();
    await output(host, "apiclient update cancel");
    expect(await sets()).toMatchObject({ active: "A", next: "A" });
    expect(await status()).toMatchObject({ update_state: "Staged" });
  }, 60_000);
});
