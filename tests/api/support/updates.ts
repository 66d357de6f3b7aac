/**
 * A root whose file system stands on two partition sets, with the real dispatcher and signpost, and an updog that is a
 * shell script: it does to the sets what updog does, lists what a test offers, and can be made to fail, wait or die.
 */
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { UpdateProgress, UpdateStatus } from "../../../host/update/dispatcher/index.ts";
import { partitionsOf, readPartitionTable } from "../../../host/update/partition-table.ts";
import {
  attributesOf,
  diskOf,
  memoryDisk,
  sampleSets,
  sampleTable,
  writeTable,
} from "../../../host/update/sample-table.ts";
import { ensureSdk, progressLines } from "../../../sdk/index.ts";
import { eventually } from "./eventually.ts";
import { type Ended, TestRoot } from "./root.ts";
import { RunningServer } from "./server.ts";

const SECTORS = 4096;
const HASH_PARTITIONS = [5, 10];
const LOCK = "/run/lock/thar-be-updates.lock";

// Of /dev only what programs need besides the disk, which is a file here.
const MOUNTS = `
  mount -t tmpfs none "$R/dev"; ln -s /proc/self/fd "$R/dev/fd"
  for node in null zero full random urandom tty; do : >"$R/dev/$node"; mount --bind "/dev/$node" "$R/dev/$node"; done
  for file in nvme0n1 ${HASH_PARTITIONS.map((number) => `nvme0n1p${number}`).join(" ")}; do
    : >"$R/dev/$file"; mount --bind "$R/disk/$file" "$R/dev/$file"
  done`;

const UPDOG = `
printf '%s\\n' "$*" >>/run/updog/arguments
if [ -e "/run/updog/$1.sh" ]; then . "/run/updog/$1.sh"; fi
case $1 in
whats) cat /run/updog/offers.json ;;
update-image) echo "Starting update to $3" >&2; signpost clear-inactive && signpost mark-inactive-valid ;;
update-apply) signpost upgrade-to-inactive ;;
update-revert) signpost cancel-upgrade ;;
esac`;

/** An update as updog lists it. */
export const offer = (version: string, maxVersion = version) => ({
  variant: "example",
  arch: "x86_64",
  version,
  max_version: maxVersion,
  waves: {},
  images: { boot: "b", root: "r", hash: "h" },
});

export const image = (version: string) => ({ arch: "x86_64", version, variant: "example" });

export class UpdateHost {
  private constructor(
    readonly root: TestRoot,
    readonly server: RunningServer,
  ) {}

  /** A host of version 1.11.1 that runs from set A. */
  static async start(): Promise<UpdateHost> {
    const root = await TestRoot.make();
    const sdk = await ensureSdk(progressLines());
    await copyFile(join(sdk.root, "usr/bin/flock"), root.at("usr/bin/flock"));
    for (const name of ["thar-be-updates", "signpost"])
      await symlink("pinwheel-host", root.at("usr/bin", name));
    await writeSysfs(root);
    await root.script("usr/bin/updog", UPDOG);
    await mkdir(root.at("disk"));
    for (const number of HASH_PARTITIONS)
      await writeFile(root.at(`disk/nvme0n1p${number}`), `tree ${number}`);
    await writeFlags(root, "1/0/1", "0/0/0");
    const server = await RunningServer.start(root, { mounts: MOUNTS });
    const host = new UpdateHost(root, server);
    // The defaults of the variant become live, with the version lock among them.
    await server.ask("POST", "/tx/commit?tx=bottlerocket-launch");
    return host;
  }

  /** As it is after a start: no command has run, the flags are these, nothing is offered. */
  async begin(a = "1/0/1", b = "0/0/0"): Promise<void> {
    for (const path of [
      "run/cache/thar-be-updates",
      "run/updog",
      "run/shutdown.arguments",
      "var/lib/bottlerocket/update",
    ]) {
      await rm(this.root.at(path), { recursive: true, force: true });
    }
    await mkdir(this.root.at("run/updog"), { recursive: true });
    await this.offers();
    await this.setFlags(a, b);
  }

  /** What is lost when the host starts again. */
  async restart(): Promise<void> {
    await rm(this.root.at("run/cache/thar-be-updates"), { recursive: true, force: true });
  }

  /** The flags of the two sets: priority/tries left/successful. */
  async setFlags(a: string, b: string): Promise<void> {
    await writeFlags(this.root, a, b);
  }

  /** Attributes of the boot partitions of both sets. */
  async flags(): Promise<readonly (bigint | undefined)[]> {
    const { table } = readPartitionTable(diskOf(await readFile(this.root.at("disk/nvme0n1"))));
    const partitions = table === undefined ? [] : partitionsOf(table);
    return [3, 8].map((number) => partitions.find((partition) => partition.number === number)?.attributes);
  }

  async offers(...versions: readonly (string | ReturnType<typeof offer>)[]): Promise<void> {
    const list = versions.map((version) => (typeof version === "string" ? offer(version) : version));
    await writeFile(this.root.at("run/updog/offers.json"), JSON.stringify(list));
  }

  /** What updog does first when it gets this subcommand; `exit` keeps it from doing the rest. */
  async updog(subcommand: string, script: string): Promise<void> {
    await writeFile(this.root.at(`run/updog/${subcommand}.sh`), `${script}\n`);
  }

  /** Has updog wait at this subcommand until `go`. */
  async updogWaits(subcommand: string): Promise<void> {
    await this.updog(
      subcommand,
      "echo $$ >/run/updog/pid; while [ ! -e /run/updog/go ]; do sleep 0.02; done",
    );
  }

  async go(): Promise<void> {
    await writeFile(this.root.at("run/updog/go"), "");
  }

  /** Waits until updog waits. @returns its process */
  async untilUpdogWaits(): Promise<number> {
    const file = this.root.at("run/updog/pid");
    await eventually(
      "updog waits",
      async () => existsSync(file) && (await readFile(file, "utf8")).endsWith("\n"),
    );
    return Number(await readFile(file, "utf8"));
  }

  /** How updog was called, a line each. */
  async updogCalls(): Promise<readonly string[]> {
    return (await this.root.text("run/updog/arguments")).split("\n").filter((line) => line !== "");
  }

  /** Runs a command to its end through the API. @returns the status after it */
  async act(action: string): Promise<UpdateStatus> {
    expectStatus(204, await this.server.ask("POST", `/actions/${action}`));
    return this.ended();
  }

  /** The status, once no command runs. */
  async ended(): Promise<UpdateStatus> {
    await eventually(
      "the command ends",
      async () => (await this.server.ask("GET", "/updates/status")).status !== 423,
    );
    return this.status();
  }

  async status(): Promise<UpdateStatus> {
    const answer = await this.server.ask("GET", "/updates/status");
    expectStatus(200, answer);
    return JSON.parse(answer.body) as UpdateStatus;
  }

  /** Writes a status file as a test needs it. */
  async setStatus(changes: object): Promise<void> {
    await this.act("refresh-updates");
    const path = this.root.at("run/cache/thar-be-updates/status.json");
    await writeFile(path, JSON.stringify({ ...(await this.status()), ...changes }));
  }

  async lockOn(version: string): Promise<void> {
    const settings = { updates: { "version-lock": version } };
    await this.server.ask("PATCH", "/settings?tx=lock", JSON.stringify(settings));
    await this.server.ask("POST", "/tx/commit?tx=lock");
  }

  /** Has something else in place of a program while a test works. @param make  makes it; undefined = there is none */
  async withProgram(
    name: string,
    make: ((path: string) => Promise<unknown>) | undefined,
    work: () => Promise<void>,
  ): Promise<void> {
    const [path, aside] = [this.root.at("usr/bin", name), this.root.at("usr/bin", `${name}.real`)];
    await rename(path, aside);
    try {
      await make?.(path);
      await work();
    } finally {
      await rename(aside, path);
    }
  }

  async progress(): Promise<UpdateProgress> {
    const answer = await this.server.ask("GET", "/updates/progress");
    expectStatus(200, answer);
    return JSON.parse(answer.body) as UpdateProgress;
  }

  /** Runs a program in the same surroundings as the server. */
  run(...command: readonly string[]): Promise<Ended> {
    return this.root.run(command, { mounts: MOUNTS });
  }

  /** The argument list that runs a program in the same surroundings as the server. */
  command(...command: readonly string[]): string[] {
    return this.root.command(command, "/", MOUNTS);
  }

  client(...args: readonly string[]): Promise<Ended> {
    return this.run("/usr/bin/apiclient", ...args);
  }

  /** Has somebody else hold the exclusive lock. @returns a function that has it let go */
  async holdLock(): Promise<() => Promise<void>> {
    const command = ["flock", "--exclusive", this.root.at(LOCK), "sh", "-c", "echo held; exec cat"];
    const child = Bun.spawn(command, { stdin: "pipe", stdout: "pipe" });
    const reader = child.stdout.getReader();
    await reader.read();
    return async () => {
      child.stdin.end();
      await child.exited;
    };
  }

  async stop(): Promise<void> {
    await this.server.end();
    await this.root.remove();
  }
}

function expectStatus(status: number, answer: { readonly status: number; readonly body: string }): void {
  if (answer.status !== status)
    throw new Error(`answered with ${answer.status}, not ${status}: ${answer.body}`);
}

/** A new partition table, with these flags of the two sets: priority/tries left/successful. */
async function writeFlags(root: TestRoot, a: string, b: string): Promise<void> {
  const disk = memoryDisk(SECTORS);
  writeTable(disk, sampleTable(disk, sampleSets(attributesOf(a), attributesOf(b))));
  await writeFile(root.at("disk/nvme0n1"), disk.content);
}

/** The root's own file system is said to stand on partitions of set A. */
async function writeSysfs(root: TestRoot): Promise<void> {
  const device = await new Response(Bun.spawn(["stat", "--format=%Hd:%Ld", root.path]).stdout).text();
  const files: readonly [string, string][] = [
    ["sys/devices/nvme0n1/size", `${SECTORS}\n`],
    ["sys/devices/nvme0n1/queue/logical_block_size", "512\n"],
    ...Array.from({ length: 13 }, (_, i): [string, string] => [
      `sys/devices/nvme0n1/nvme0n1p${i + 1}/partition`,
      `${i + 1}\n`,
    ]),
    [`sys/dev/block/${device.trim()}/slaves/nvme0n1p4`, ""],
    [LOCK, ""],
  ];
  for (const [path, content] of files) {
    await mkdir(dirname(root.at(path)), { recursive: true });
    await writeFile(root.at(path), content);
  }
  await mkdir(root.at("sys/class/block"), { recursive: true });
  await symlink("../../devices/nvme0n1", root.at("sys/class/block/nvme0n1"));
  for (let number = 1; number <= 13; number++) {
    await symlink(`../../devices/nvme0n1/nvme0n1p${number}`, root.at(`sys/class/block/nvme0n1p${number}`));
  }
}
