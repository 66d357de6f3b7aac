import { afterEach, describe, expect, test } from "bun:test";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { Desk, VARIANT } from "../../publish/testing.ts";
import type { Json } from "../settings/index.ts";
import { testVariant } from "../settings/testing.ts";
import { openStore, prepareStore } from "../store/index.ts";
import { TestRepository } from "../update/repository/testing.ts";
import { storedFrame } from "../update/testing-frames.ts";
import { main } from "./migrator.ts";
import { type Ended, printedBy } from "./testing.ts";

type Settings = Readonly<Record<string, Json>>;

const RENAMED = "migrate_v1.1.0_rename.lz4";
const CHANGED = "migrate_v1.1.0_default.lz4";
// Together they show in which order they were carried out: the second finds what the first has made.
const targets = {
  [RENAMED]: steps({ "rename-setting": { from: "settings.kernel.lockdown", to: "settings.motd" } }),
  [CHANGED]: steps({ "replace-string": { key: "settings.motd", old: "none", new: "integrity" } }),
};
const chain = { "(1.0.0, 1.1.0)": [RENAMED, CHANGED], "(1.1.0, 1.2.0)": [] };
const release = (version: string) =>
  `PRETTY_NAME="Pinwheel"\nVARIANT_ID=metal-dev\nVERSION_ID=${version}\nBUILD_ID=0123abcd\n`;

function steps(...of: readonly Json[]): Uint8Array {
  return storedFrame(JSON.stringify({ format: 1, steps: of }));
}

const desks: Desk[] = [];
afterEach(() => {
  for (const desk of desks.splice(0)) desk[Symbol.dispose]();
});

/** A host's directories. */
class Host {
  readonly desk = new Desk();
  readonly base = this.desk.path("datastore");
  readonly metadata = this.desk.path("metadata");
  readonly migrations = this.desk.path("migrations");
  readonly root = this.desk.path("root.json");

  constructor() {
    desks.push(this.desk);
  }

  /** With a store of a version. */
  static async with(version: string, settings: Settings): Promise<Host> {
    const host = new Host();
    await prepareStore(host.base, version, { defaults: new Map() });
    const store = await openStore(host.current);
    await store.stage("t", new Map(Object.entries(settings)));
    await store.commit("t");
    return host;
  }

  get current(): string {
    return join(this.base, "current");
  }

  /** What an update leaves of a repository. @param days  until it expires */
  cache(of: Readonly<Record<string, Uint8Array>> = targets, migrations: object = chain, days = 7n): void {
    using repository = new TestRepository();
    const manifest = JSON.stringify({ updates: [], migrations });
    repository.publish({ ...of, "manifest.json": manifest }, 1, days);
    for (const [path, content] of repository.files) {
      const to = path.startsWith("metadata/") ? this.metadata : this.migrations;
      mkdirSync(to, { recursive: true });
      writeFileSync(join(to, basename(path)), content);
      if (path === "metadata/1.root.json") writeFileSync(this.root, content);
    }
  }

  /** Starts migrator. @param to  a version, or `os-release`'s text */
  async migrate(
    to: string,
  ): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }> {
    const isRelease = to.includes("=");
    return start(
      [
        ...["--datastore-path", this.current, "--root-path", this.root],
        ...["--migration-directory", this.migrations, "--metadata-directory", this.metadata],
        ...(isRelease ? ["--migrate-to-version-from-os-release"] : ["--migrate-to-version", to]),
      ],
      isRelease ? to : undefined,
    );
  }

  async settings(): Promise<Settings> {
    return Object.fromEntries((await openStore(this.current)).live());
  }

  directories(): readonly string[] {
    return readdirSync(this.base).filter((name) => name.includes("_"));
  }
}

function start(args: readonly string[], osRelease?: string): Promise<Ended> {
  const host = { variant: async () => testVariant(), readRelease: async () => osRelease };
  return printedBy(() => main(args, host));
}

describe("migrator", () => {
  test("Checks 32 and 33: goes forward and back through a repository that was published, to the settings as they were", async () => {
    const host = await Host.with("1.0.0", { "settings.kernel.lockdown": "none", "settings.updates.seed": 5 });
    const { desk } = host;
    await desk.start();
    await desk.build("1.1.0");
    const archive = new Bun.Archive(targets);
    desk.write(`images/pinwheel-${VARIANT}-x86_64-1.1.0-0123abcd-migrations.tar`, await archive.bytes());
    desk.release("1.1.0", `"(1.0.0, 1.1.0)" = ["${RENAMED}", "${CHANGED}"]`);
    await desk.repo("build", VARIANT, "--out", desk.path("out"), "--key", desk.path("default.pem"));
    cpSync(desk.path("out", VARIANT, "x86_64"), host.metadata, { recursive: true });
    cpSync(desk.path("out", "targets"), host.migrations, { recursive: true });

    const there = await host.migrate(release("1.1.0"));
    expect({ exitCode: there.exitCode, stderr: there.stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(there.stdout).toContain("Migrating the data store forward from 1.0.0 to 1.1.0: 2 migrations");
    expect(await host.settings()).toEqual({ "settings.motd": "integrity", "settings.updates.seed": 5 });
    expect(host.directories()).toHaveLength(2);

    expect(await host.migrate("1.0.0")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await host.settings()).toEqual({ "settings.kernel.lockdown": "none", "settings.updates.seed": 5 });
    expect(host.directories()).toHaveLength(2);
  });

  test("Check 33: with nothing to migrate stays with the same directory", async () => {
    const host = await Host.with("1.1.0", { "settings.motd": "x" });
    host.cache();
    const before = realpathSync(host.current);
    expect((await host.migrate("1.2.0")).exitCode).toBe(0);
    expect([realpathSync(host.current), realpathSync(join(host.base, "v1.2.0"))]).toEqual([before, before]);
  });

  test("Check 35: has nothing to do at the first start, and says so", async () => {
    const host = new Host();
    expect(await host.migrate("1.0.0")).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: `There is no data store at ${host.current} yet: nothing to migrate\n`,
    });
  });

  test("Check 35: has nothing to do for the same version, and reads nothing of the repository, which is not there", async () => {
    const host = await Host.with("1.1.0", { "settings.motd": "x" });
    for (const version of ["1.1.0", "v1.1.0", release("1.1.0"), release("1.1.0-rc1+x")]) {
      expect(await host.migrate(version)).toMatchObject({ exitCode: 0, stderr: "" });
    }
    expect(host.directories()).toHaveLength(1);
  });

  test("Check 34: takes metadata that expired years ago", async () => {
    const host = await Host.with("1.0.0", { "settings.kernel.lockdown": "none" });
    host.cache(targets, chain, -3000n);
    expect(await host.migrate("1.1.0")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await host.settings()).toEqual({ "settings.motd": "integrity" });
  });

  test("fills in templates as the generator of a setting does, with the names of the system", async () => {
    const key = "settings.host-containers.admin.source";
    const template = (version: string) =>
      `{{ settings.aws.region | ecr_prefix }}/{{ os.variant_id }}:${version}`;
    const host = await Host.with("1.0.0", {
      "settings.aws.region": "eu-central-1",
      [key]: "328549459982.dkr.ecr.eu-central-1.amazonaws.com/metal-dev:v1",
    });
    const replace = { key, old: template("v1"), new: template("v2") };
    host.cache({ ...targets, [CHANGED]: steps({ "replace-template": replace }) });
    expect(await host.migrate(release("1.1.0"))).toMatchObject({ exitCode: 0, stderr: "" });
    expect((await host.settings())[key]).toBe("328549459982.dkr.ecr.eu-central-1.amazonaws.com/metal-dev:v2");
    expect(await host.migrate(release("1.0.0"))).toMatchObject({ exitCode: 0, stderr: "" });
    expect((await host.settings())[key]).toBe("328549459982.dkr.ecr.eu-central-1.amazonaws.com/metal-dev:v1");
  });

  const failing: [what: string, spoil: (host: Host) => void, said: string][] = [
    [
      "Check 34: a second migration that fails",
      (host) =>
        host.cache({
          ...targets,
          [CHANGED]: steps({ "replace-list": { key: "settings.ntp.time-servers", old: [], new: ["x"] } }),
        }),
      `The migration ${CHANGED} failed on its way forward: settings.ntp.time-servers is to be compared`,
    ],
    [
      "Check 34: migration bytes that were tampered with",
      (host) => {
        host.cache();
        const file = readdirSync(host.migrations).find((name) => name.endsWith(CHANGED)) ?? "";
        const bytes = readFileSync(join(host.migrations, file));
        bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20);
        writeFileSync(join(host.migrations, file), bytes);
      },
      `The target ${CHANGED} at `,
    ],
    [
      "a migration that is signed and not there",
      (host) => {
        host.cache();
        for (const name of readdirSync(host.migrations)) {
          if (name.endsWith(RENAMED)) rmSync(join(host.migrations, name));
        }
      },
      "There is nothing at ",
    ],
    [
      "metadata of somebody else",
      (host) => {
        host.cache();
        const { root } = host;
        const trusted = readFileSync(root);
        host.cache();
        writeFileSync(root, trusted);
      },
      "not signed as it has to be",
    ],
    [
      "a step that this version does not know",
      (host) => host.cache({ ...targets, [CHANGED]: steps({ "run-program": "x" }) }),
      "steps[0].run-program: unknown step",
    ],
    ["a chain that ends before", (host) => host.cache(targets, {}), "No migrations lead from 1.0.0 to 1.1.0"],
    ["no copy of the repository", () => undefined, "There is no root role"],
    [
      "settings that the new version does not take",
      (host) =>
        host.cache({
          ...targets,
          [CHANGED]: steps({ "rename-setting": { from: "settings.motd", to: "settings.x" } }),
        }),
      'settings.x: unknown name "x"',
    ],
  ];
  for (const [what, spoil, said] of failing) {
    test(`${what}: exit 1, and the store is as it was`, async () => {
      const settings = { "settings.kernel.lockdown": "none", "settings.ntp.time-servers": [7] };
      const host = await Host.with("1.0.0", settings);
      spoil(host);
      const before = [realpathSync(host.current), ...readdirSync(host.base)];
      const { exitCode, stderr } = await host.migrate("1.1.0");
      expect(stderr).toContain(said);
      expect(exitCode).toBe(1);
      expect([realpathSync(host.current), ...readdirSync(host.base)]).toEqual(before);
      expect(await host.settings()).toEqual(settings);
    });
  }

  test("going back without a copy of the repository, returns to the store that the older version left", async () => {
    const host = await Host.with("1.0.0", { "settings.kernel.lockdown": "none" });
    host.cache();
    await host.migrate("1.1.0");
    const newer = realpathSync(host.current);
    rmSync(host.metadata, { recursive: true });
    const { exitCode, stderr } = await host.migrate("1.0.0");
    expect(exitCode).toBe(0);
    expect(stderr).toContain("The settings of 1.1.0 cannot be brought back to 1.0.0: ");
    expect(stderr).toContain(`The later ones stay in ${newer}`);
    expect(await host.settings()).toEqual({ "settings.kernel.lockdown": "none" });
    expect(existsSync(newer)).toBe(true);
  });

  test("going back without it and without an older store, fails", async () => {
    const host = await Host.with("1.1.0", { "settings.motd": "x" });
    expect((await host.migrate("1.0.0")).exitCode).toBe(1);
    expect(await host.settings()).toEqual({ "settings.motd": "x" });
  });

  test("links that lead to no store are told, and not taken for a first start", async () => {
    const host = new Host();
    mkdirSync(dirname(host.current), { recursive: true });
    symlinkSync("v1", host.current);
    const { exitCode, stderr } = await host.migrate("1.0.0");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      `${host.current} is a link that leads to no data store. Make the links beside it`,
    );
  });
});

describe("updates 11.3: a command line that is wrong ends with 2", () => {
  const paths = ["--migration-directory", "/m", "--root-path", "/r", "--metadata-directory", "/d"];
  const all = ["--datastore-path", "/nowhere/current", ...paths];
  const table: [args: readonly string[], said: string][] = [
    [[], "option --datastore-path is required"],
    [
      ["--datastore-path", "current", ...paths, "--migrate-to-version", "1.0.0"],
      "accepted: an absolute path",
    ],
    [all, "give one of --migrate-to-version and --migrate-to-version-from-os-release"],
    [[...all, "--migrate-to-version", "1.0.0", "--migrate-to-version-from-os-release"], "give one of"],
    [
      [...all, "--migrate-to-version", "1.0"],
      '--migrate-to-version is "1.0"; accepted: a version such as 1.11.1',
    ],
    [[...all, "--migrate-to-version", "1.0.0", "--no-color"], "unknown option --no-color"],
    [[...all, "--migrate-to-version-from-os-release"], "there is no /usr/lib/os-release"],
  ];
  for (const [args, said] of table) {
    test(args.slice(8).join(" ") || `${args.length} words`, async () => {
      const { exitCode, stderr } = await start(args);
      expect(stderr).toContain(said);
      expect(exitCode).toBe(2);
    });
  }
});
