/** For tests of updog: a repository as it is published, over HTTP, and hosts whose partitions are files. */
import { afterAll, afterEach, beforeAll, beforeEach } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Desk, VARIANT } from "../../publish/testing.ts";
import { HostTree } from "../update/install/testing.ts";
import { storedFrame } from "../update/testing-frames.ts";
import { type Ended, printedBy } from "./testing.ts";
import { main } from "./updog.ts";

export const MIGRATION = "migrate_v1.1.0_demo.lz4";
const STEPS = { format: 1, steps: [{ "replace-list": { key: "settings.l", old: ["a"], new: ["b"] } }] };
export const PARTS = { "boot.ext4": "boot", "root.ext4": "root", "root.verity": "hash" } as const;

/** What is published: directories with repositories. `good` has 1.0.0 and 1.1.0. */
export let desk: Desk;
/** The host of the test that runs. */
export let tree: HostTree;
/** Serves the directories of the desk. */
export let server: ReturnType<typeof serveRepository>;

/** Has the file's tests begin with a host of 1.0.0 each, and with the repository, which is made once. */
export function hostsOfThisFile(): void {
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
  beforeEach(async () => {
    server.asked.length = 0;
    server.answersFirst(() => undefined);
    await newHost();
  });
  afterEach(() => tree[Symbol.asyncDispose]());
}

export const contentOf = (part: string, version: string) =>
  Buffer.from(`${part} of ${version} `.repeat(5000));

export function compressed(content: Uint8Array): Uint8Array {
  return Bun.spawnSync(["lz4", "-9", "-q", "-c"], { stdin: content }).stdout;
}

export const imageName = (version: string, part: string) =>
  `pinwheel-${VARIANT}-x86_64-${version}-0123abcd-${part}.lz4`;

export async function release(
  version: string,
  steps: readonly string[],
  from: string | undefined,
  out: string,
) {
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

export function hasSettings(leaves: object): void {
  const live = { format: 1, transaction: "x", leaves };
  write("var/lib/bottlerocket/datastore/current/live.json", JSON.stringify(live));
}

export function write(name: string, content: string | Uint8Array): void {
  mkdirSync(dirname(tree.path(name)), { recursive: true });
  writeFileSync(tree.path(name), content);
}

export function runs(version: string): void {
  const lines = [
    `VERSION_ID=${version}`,
    `VARIANT_ID=${VARIANT}`,
    'PRETTY_NAME="Pinwheel"',
    "BUILD_ID=0123abcd",
  ];
  write("usr/lib/os-release", `${lines.join("\n")}\n`);
}

export function configure(repository: string, more: Readonly<Record<string, string>> = {}): void {
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

export function updog(...args: string[]): Promise<Ended> {
  return printedBy(() => main(args, tree.place));
}

/** Flags of the inactive set, as priority/tries left/successful. */
export async function inactive(): Promise<string> {
  const { priority, triesLeft, successful } = await tree.flags();
  return `${priority}/${triesLeft}/${successful ? 1 : 0}`;
}

export const refreshed = (): void => {
  rmSync(desk.path("bad"), { recursive: true, force: true });
  Bun.spawnSync(["cp", "-r", desk.path("good"), desk.path("bad")]);
};

/** The published file of a target. */
export function targetFile(repository: string, name: string): string {
  const found = readdirSync(desk.path(repository, "targets")).find((file) => file.endsWith(`.${name}`));
  return desk.path(repository, "targets", found ?? "");
}

/** The update to 1.1.0 as updog prints it. */
export const UPDATE = {
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
