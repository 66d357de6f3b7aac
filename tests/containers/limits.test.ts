/** What a container may use at most, with the kernel to see to it. */
import { describe, expect, it } from "bun:test";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { hostOfThisFile } from "./support/host-with-registry.ts";
import { untilAsked } from "./support/image.ts";

const here = hostOfThisFile();

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
    const running = await here.runContainer("grows", `echo up; ${grow}`, ["--memory=64Mi"]);
    expect((await running.ended).exitCode).toBe(137);
    expect(running.stdout()).toMatch(/^up$/m);
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
    expect(await here.host.runRecord("grows")).toMatchObject({
      problem: "container grows ran out of memory (its limit is 64 MiB)",
    });
  });

  it("goes on when something that it has started takes too much, which is said when it ends", async () => {
    const running = await here.runContainer("survives", `(${grow}); echo the child ended with $?; exit 3`, [
      "--memory=64Mi",
    ]);
    expect((await running.ended).exitCode).toBe(3);
    expect(running.stdout()).toMatch(/^the child ended with 137$/m);
    expect(running.stdout()).toMatch(/level=warning msg="container survives ran out of memory meanwhile /);
    expect(await here.host.runRecord("survives")).toMatchObject({ problem: null });
  });

  it("cannot start more processes than it may have", async () => {
    const start = "busybox sleep 60 & i=$((i+1)); echo started $i";
    const running = await here.runContainer("forks", `i=0; while :; do ${start}; done`, ["--pids=32"]);
    expect((await running.ended).exitCode).not.toBe(0);
    // The shell is one of them.
    expect(running.stdout()).toMatch(/^started 31$/m);
    expect(running.stdout()).not.toMatch(/^started 32$/m);
    expect(running.stderr()).toContain("can't fork: Resource temporarily unavailable");
  });

  it("has them in its control group: processor time as a quota", async () => {
    const flags = ["--memory=16Mi", "--cpu=1.5", "--pids=32"];
    const running = await here.runContainer("waits", untilAsked, flags);
    await running.untilPrinted("up\n");
    const quota = await kernelValue("waits", ["cpu.max", "cpu", "cpu.cfs_quota_us"]);
    expect(quota.split(" ")[0]).toBe("150000");
    expect(await kernelValue("waits", ["memory.max", "memory", "memory.limit_in_bytes"])).toBe("16777216");
    expect(await kernelValue("waits", ["pids.max", "pids", "pids.max"])).toBe("32");
    expect(await running.stop()).toBe(0);
  });

  it("comes up and ends with the least of each that the settings take", async () => {
    const running = await here.runContainer("least", "echo up", ["--memory=16Mi", "--cpu=10m", "--pids=16"]);
    expect([(await running.ended).exitCode, running.stderr()]).toEqual([0, ""]);
    expect(running.stdout()).toMatch(/^up$/m);
  });

  it("has none where none is given", async () => {
    const running = await here.runContainer("free", untilAsked, ["--memory=", "--cpu=", "--pids="]);
    await running.untilPrinted("up\n");
    expect(await kernelValue("free", ["pids.max", "pids", "pids.max"])).toBe("max");
    expect((await kernelValue("free", ["cpu.max", "cpu", "cpu.cfs_quota_us"])).split(" ")[0]).toMatch(
      /^(max|-1)$/,
    );
    expect(await running.stop()).toBe(0);
  });
});
