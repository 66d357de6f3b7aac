/** What machine tests of host and bootstrap containers share: their settings as TOML, and what containerd has of them. */
import type { HostStatus } from "../../../host/api/index.ts";
import type { Machine } from "../../../lab/index.ts";
import { output } from "../../lab.ts";

/** containerd's own client on the host, with the instance that host and bootstrap containers run in. */
export const CTR = "ctr -a /run/host-containerd/containerd.sock";

/** What a small image runs to stay until it is asked to end. */
export const STAY = "trap 'exit 0' TERM; busybox sleep 100000000 & wait";

/** One container of the settings. */
export function containerTable(
  kind: "host-containers" | "bootstrap-containers",
  name: string,
  members: Readonly<Record<string, string | boolean | number>>,
): string {
  const lines = Object.entries(members).map(([member, value]) => `${member} = ${JSON.stringify(value)}`);
  return [`\n[settings.${kind}.${name}]`, ...lines, ""].join("\n");
}

/** The user data of a container, as settings have it. */
export const encoded = (text: string) => Buffer.from(text).toString("base64");

/** The containers that run, and the host's process id of the first process of each. */
export async function runningTasks(host: Machine): Promise<ReadonlyMap<string, number>> {
  const lines = (await output(host, `${CTR} task ls`)).trimEnd().split("\n").slice(1);
  const words = lines.map((line) => line.split(/\s+/));
  return new Map(
    words.filter(([, , status]) => status === "RUNNING").map(([name = "", pid]) => [name, Number(pid)]),
  );
}

// Our own images of 40 MB take a minute of an emulated processor each, a busy machine several times that.
const RUNNING_MS = 600_000;
const STATUS_MS = 120_000;

/** Waits until these containers run. */
export async function untilRunning(host: Machine, names: readonly string[]): Promise<void> {
  const each = names.map((name) => `grep -Eq '^${name} .*RUNNING' /tmp/tasks`);
  await host.waitUntil(`${CTR} task ls > /tmp/tasks && ${each.join(" && ")}`, RUNNING_MS);
}

/**
 * What the host says of itself; asking for it exits with 1 when it is not well. It gives up looking after 9 s, which an
 * emulated processor with much to do may need: then it is asked again.
 */
export async function statusOf(host: Machine): Promise<HostStatus> {
  const file = "/tmp/status.json";
  await host.waitUntil(`apiclient status --output json >${file}; test -s ${file}`, STATUS_MS);
  return JSON.parse(await output(host, `cat ${file}`)) as HostStatus;
}

/** What the host finds wrong with itself, but for its clock: there is no time server in the lab. */
export async function problemsOf(host: Machine): Promise<HostStatus["findings"]> {
  const { findings } = await statusOf(host);
  return findings.filter(({ kind, about }) => kind === "problem" && about !== "clock");
}
