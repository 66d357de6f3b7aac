/** What a container may use at most, with the kernel to see to it. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { ContainerHost, untilTrue } from "./support/host.ts";
import { makeImage, type TestImage } from "./support/image.ts";
import { TestRegistry } from "./support/registry.ts";

let host: ContainerHost;
let registry: TestRegistry;

beforeAll(async () => {
  registry = await TestRegistry.start();
  host = await ContainerHost.start();
  await host.useRegistry(registry.address);
}, 600_000);

afterAll(async () => {
  await host?.remove();
  await registry?.stop();
});

const source = (name: string) => `registry.test/${name}:1`;

function put(name: string, script: string): TestImage {
  const image = makeImage(host.tools, { script });
  registry.put(name, image);
  return image;
}

const record = async (id: string): Promise<unknown> =>
  JSON.parse(await readFile(host.at(`/run/host-containerd/runs/${id}.json`), "utf8"));

const untilPrinted = (running: { stdout(): string }, text: string) =>
  untilTrue(`${JSON.stringify(text)} is printed`, async () => running.stdout().includes(text));

/** A value that the kernel has for a container's control group, by its names in version 2 and in version 1. */
async function kernelValue(name: string, names: readonly [file2: string, controller: string, file1: string]) {
  const [file2, controller, file1] = names;
  const one = `/sys/fs/cgroup/default/${name}/${file2}`;
  const path = existsSync(one) ? one : `/sys/fs/cgroup/${controller}/default/${name}/${file1}`;
  return (await readFile(path, "utf8")).trim();
}

/** Part of a script: takes twice as many bytes of memory with every turn. */
const grow = "x=0123456789abcdef; while :; do x=$x$x; done";

describe("a container with limits", () => {
  it("is killed when it takes more memory than it may, which is said and recorded: exit code 137, out of memory", async () => {
    put("grows", `echo up; ${grow}`);
    const running = await host.runContainer("grows", source("grows"), ["--memory=64Mi"]);
    expect((await running.ended).exitCode).toBe(137);
    expect(running.stdout()).toContain("\nup\n");
    expect(
      running
        .stderr()
        .replaceAll(/^time="[^"]+" /gm, "")
        .split("\n"),
    ).toEqual([
      'level=error msg="container grows ended with exit code 137"',
      'level=error msg="container grows ran out of memory (its limit is 64 MiB)"',
      "",
    ]);
    expect(await record("grows")).toMatchObject({
      problem: "container grows ran out of memory (its limit is 64 MiB)",
    });
  });

  it("goes on when something that it has started takes too much, which is said when it ends", async () => {
    put("survives", `(${grow}); echo the child ended with $?; exit 3`);
    const running = await host.runContainer("survives", source("survives"), ["--memory=64Mi"]);
    expect((await running.ended).exitCode).toBe(3);
    expect(running.stdout()).toContain("\nthe child ended with 137\n");
    expect(running.stdout()).toMatch(/level=warning msg="container survives ran out of memory meanwhile /);
    expect(await record("survives")).toMatchObject({ problem: null });
  });

  it("cannot start more processes than it may have", async () => {
    const start = "busybox sleep 60 & i=$((i+1)); echo started $i";
    put("forks", `i=0; while :; do ${start}; done`);
    const running = await host.runContainer("forks", source("forks"), ["--pids=32"]);
    expect((await running.ended).exitCode).not.toBe(0);
    // The shell is one of them.
    expect(running.stdout()).toContain("\nstarted 31\n");
    expect(running.stdout()).not.toContain("\nstarted 32\n");
    expect(running.stderr()).toContain("can't fork: Resource temporarily unavailable");
  });

  it("has them in its control group: processor time as a quota", async () => {
    put("waits", "trap 'exit 0' TERM; echo up; while :; do busybox sleep 0.1; done");
    const flags = ["--memory=16Mi", "--cpu=1.5", "--pids=32"];
    const running = await host.runContainer("waits", source("waits"), flags);
    await untilPrinted(running, "up\n");
    const quota = await kernelValue("waits", ["cpu.max", "cpu", "cpu.cfs_quota_us"]);
    expect(quota.split(" ")[0]).toBe("150000");
    expect(await kernelValue("waits", ["memory.max", "memory", "memory.limit_in_bytes"])).toBe("16777216");
    expect(await kernelValue("waits", ["pids.max", "pids", "pids.max"])).toBe("32");
    running.kill("SIGTERM");
    expect((await running.ended).exitCode).toBe(0);
  });

  it("comes up and ends with the least of each that the settings take", async () => {
    put("least", "echo up");
    const running = await host.runContainer("least", source("least"), [
      "--memory=16Mi",
      "--cpu=10m",
      "--pids=16",
    ]);
    expect([(await running.ended).exitCode, running.stderr()]).toEqual([0, ""]);
    expect(running.stdout()).toContain("\nup\n");
  });

  it("has none where none is given", async () => {
    put("free", "trap 'exit 0' TERM; echo up; while :; do busybox sleep 0.1; done");
    const running = await host.runContainer("free", source("free"), ["--memory=", "--cpu=", "--pids="]);
    await untilPrinted(running, "up\n");
    expect(await kernelValue("free", ["pids.max", "pids", "pids.max"])).toBe("max");
    expect((await kernelValue("free", ["cpu.max", "cpu", "cpu.cfs_quota_us"])).split(" ")[0]).toMatch(
      /^(max|-1)$/,
    );
    running.kill("SIGTERM");
    expect((await running.ended).exitCode).toBe(0);
  });
});
