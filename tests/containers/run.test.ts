/** host-ctr with real containerd and runc: how the runs of a container begin and end. */
import { beforeAll, expect, it } from "bun:test";
import { writeFile } from "node:fs/promises";
import type { ContainerHost } from "./support/host.ts";
import { hostOfThisFile, sourceOf } from "./support/host-with-registry.ts";
import { awaitFile, makeImage } from "./support/image.ts";

const here = hostOfThisFile();

/** It waits for a runtime, so it is started before the others. */
let unanswered: ReturnType<ContainerHost["run"]> | undefined;
beforeAll(() => {
  unanswered = here.host.run(["host-ctr", "-s", "/run/no.sock", "clean-up", "--container-id", "x"]);
});

/** A script that says when it is up, and does not end when it is asked to. */
const deaf = "trap '' TERM; echo up; while :; do busybox sleep 0.1; done";

it("the container's exit code is that of host-ctr, and what it prints is its output", async () => {
  const running = await here.runContainer("says", "echo to stdout; echo to stderr >&2; exit 7");
  expect((await running.ended).exitCode).toBe(7);
  expect(running.stdout()).toMatch(/^to stdout$/m);
  expect(running.stderr()).toMatch(
    /^to stderr\ntime="[-0-9T:]+Z" level=error msg="container says ended with exit code 7"\n$/,
  );
});

it("much output comes out whole", async () => {
  const text = await here.outputOf("much", "busybox seq 1 200000");
  expect(text.trimEnd().split("\n")).toEqual(Array.from({ length: 200_000 }, (_, index) => `${index + 1}`));
});

it("containers Check 23: SIGTERM goes to the container at once; container and snapshot are gone then, the image is not", async () => {
  const script = "trap 'echo asked; exit 5' TERM; echo up; while :; do busybox sleep 0.1; done";
  const running = await here.runContainer("obeys", script);
  await running.untilPrinted("up\n");
  expect(await here.host.ctr("containers", "ls", "-q")).toContain("obeys");
  running.kill("SIGTERM");
  const { exitCode } = await running.ended;
  expect(exitCode).toBe(5);
  expect(running.stdout()).toContain("asked\n");
  expect(await here.host.ctr("containers", "ls", "-q")).not.toContain("obeys");
  expect((await here.host.ctr("snapshots", "ls")).filter((line) => line.startsWith("obeys"))).toEqual([]);
  expect(await here.host.ctr("images", "ls", "-q")).toContain(sourceOf("obeys"));
});

it("SIGTERM while the image is still pulled ends host-ctr by that signal, which is no failure of its unit", async () => {
  const running = await here.host.runContainer("waits", "127.0.0.1:9/waits:1");
  await running.untilPrinted("trying again");
  running.kill("SIGTERM");
  expect((await running.ended).exitCode).toBe(128 + 15);
  expect(running.stdout()).toContain("ended by SIGTERM before the container ran");
});

it("containers Check 23: a container that ignores SIGTERM is killed after 20 s", async () => {
  const running = await here.runContainer("ignores", deaf);
  await running.untilPrinted("up\n");
  const beginMs = performance.now();
  running.kill("SIGTERM");
  expect((await running.ended).exitCode).toBe(128 + 9);
  const seconds = (performance.now() - beginMs) / 1000;
  expect(seconds).toBeGreaterThanOrEqual(20);
  expect(seconds).toBeLessThan(30);
  expect(await here.host.ctr("containers", "ls", "-q")).not.toContain("ignores");
}, 120_000);

it("containers Check 24: host-ctr that was killed takes the running container over, with all it prints", async () => {
  const script = `echo begin $$; ${awaitFile("go")}; echo end; exit 3`;
  const directory = await here.host.makeStorage("adopted");
  const first = await here.runContainer("adopted", script);
  await first.untilPrinted("begin");
  first.kill("SIGKILL");
  await first.ended;
  const [before] = await here.host.ctr("tasks", "ls", "-q");
  const second = await here.runContainer("adopted", script);
  await second.untilPrinted("container adopted runs on");
  expect(await here.host.ctr("tasks", "ls", "-q")).toEqual(before === undefined ? [] : [before]);
  await writeFile(`${directory}/go`, "");
  expect((await second.ended).exitCode).toBe(3);
  expect(second.stdout()).toContain("end\n");
  expect(second.stdout()).not.toContain("begin");
});

it("what an earlier run has left is not gone on with: the image is pulled, and the root is fresh", async () => {
  const script = (code: number) =>
    `[ -e /tmp/old ] && echo stale; echo >/tmp/old; echo up; ${awaitFile("go")}; exit ${code}`;
  const directory = await here.host.makeStorage("left");
  const first = await here.runContainer("left", script(3));
  await first.untilPrinted("up\n");
  first.kill("SIGKILL");
  await first.ended;
  // As after a power cut: the container is there, and nothing of it runs.
  await here.host.ctr("tasks", "kill", "-s", "SIGKILL", "left");
  await writeFile(`${directory}/go`, "");
  const second = await here.runContainer("left", script(4));
  expect((await second.ended).exitCode).toBe(4);
  expect(second.stdout()).not.toContain("stale");
});

it("a container outlives a restart of its runtime, and its exit code still comes", async () => {
  const running = await here.runContainer("outlives", `echo up; ${awaitFile("go")}; exit 4`);
  await running.untilPrinted("up\n");
  await here.host.restartContainerd();
  await writeFile(`${await here.host.makeStorage("outlives")}/go`, "");
  expect((await running.ended).exitCode).toBe(4);
  expect(await here.host.ctr("containers", "ls", "-q")).not.toContain("outlives");
});

it("a restart of its runtime while the image is pulled is told as that, and is no fault of the image", async () => {
  const image = makeImage(here.host.tools, { script: "true" });
  const asked = Promise.withResolvers<() => void>();
  here.registry.put("interrupted", image, ({ kind }, response) => {
    if (kind !== "manifests") return false;
    asked.resolve(() => {
      response.writeHead(200, { "Content-Type": "application/vnd.oci.image.manifest.v1+json" });
      response.end(image.manifest);
    });
    return true;
  });
  const running = await here.host.runContainer("interrupted", sourceOf("interrupted"));
  const answer = await asked.promise;
  await here.host.restartContainerd(async () => {
    answer();
    expect((await running.ended).exitCode).toBe(1);
  });
  expect(running.stderr()).toContain(
    `The runtime of host containers went away while image ${sourceOf("interrupted")} was pulled`,
  );
});

it("containers Check 14: clean-up of a container that is not there is done", async () => {
  const { exitCode, stdout } = await here.host.run(["host-ctr", "clean-up", "--container-id", "nosuch"]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("there is no container nosuch");
});

it("clean-up ends a running container and leaves nothing of it", async () => {
  const running = await here.runContainer("cleaned", deaf);
  await running.untilPrinted("up\n");
  const cleaned = await here.host.run(["host-ctr", "clean-up", "--container-id", "cleaned"]);
  expect([cleaned.exitCode, cleaned.stderr]).toEqual([0, ""]);
  expect((await running.ended).exitCode).toBe(128 + 9);
  expect(running.stderr()).toMatch(
    /^time=\S+ level=error msg="container cleaned ended with exit code 137"\n$/,
  );
  expect(await here.host.ctr("containers", "ls", "-q")).not.toContain("cleaned");
  expect(await here.host.ctr("tasks", "ls", "-q")).not.toContain("cleaned");
});

it("an image that cannot be run is said to be so, and nothing of the container is left", async () => {
  const running = await here.runContainer("stranger", { script: "true", user: "nobody-here" });
  expect((await running.ended).exitCode).toBe(1);
  expect(running.stderr()).toContain(
    'the image names the user \\"nobody-here\\", whom its /etc/passwd does not have',
  );
  expect((await here.host.ctr("snapshots", "ls")).filter((line) => line.startsWith("stranger"))).toEqual([]);
});

it("without containerd it says which socket it tried", async () => {
  const ended = await unanswered;
  expect(ended?.exitCode).toBe(1);
  expect(ended?.stderr).toContain("nobody answers on /run/no.sock (namespace default)");
}, 60_000);
