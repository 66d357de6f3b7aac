/** host-ctr with real containerd and runc: what a container is given, and how its runs begin and end. */
import { afterAll, beforeAll, expect, it } from "bun:test";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { ContainerHost, untilTrue } from "./support/host.ts";
import { makeImage } from "./support/image.ts";
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

/** An image that runs a script, under this name. */
function image(name: string, script: string): string {
  registry.put(name, makeImage(host.tools, { script }));
  return `registry.test/${name}:1`;
}

const storage = "/.bottlerocket/host-containers/current";
/** Part of a script: waits until the test has put a file into the container's storage. */
const awaitFile = (name: string) => `until [ -e ${storage}/${name} ]; do busybox sleep 0.05; done`;

/** Runs a script in a container of a profile, and returns what it printed. */
async function outputOf(name: string, script: string, flags: readonly string[] = []): Promise<string> {
  const running = await host.runContainer(name, image(name, script), flags);
  const { exitCode } = await running.ended;
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${running.stdout()}${running.stderr()}`);
  return running
    .stdout()
    .split("\n")
    .filter((line) => !line.startsWith("time="))
    .join("\n");
}

const untilPrinted = (running: { stdout(): string }, text: string) =>
  untilTrue(`${JSON.stringify(text)} is printed`, async () => running.stdout().includes(text));

it("the container's exit code is that of host-ctr, and what it prints is its output", async () => {
  const running = await host.runContainer(
    "says",
    image("says", "echo to stdout; echo to stderr >&2; exit 7"),
  );
  expect((await running.ended).exitCode).toBe(7);
  expect(running.stdout()).toContain("\nto stdout\n");
  expect(running.stderr()).toMatch(
    /^to stderr\ntime="[-0-9T:]+Z" level=error msg="container says ended with exit code 7"\n$/,
  );
});

it("much output comes out whole", async () => {
  const text = await outputOf("much", "busybox seq 1 200000");
  expect(text.trimEnd().split("\n")).toEqual(Array.from({ length: 200_000 }, (_, index) => `${index + 1}`));
});

it("containers Check 23: SIGTERM goes to the container at once; container and snapshot are gone then, the image is not", async () => {
  const source = image(
    "obeys",
    "trap 'echo asked; exit 5' TERM; echo up; while :; do busybox sleep 0.1; done",
  );
  const running = await host.runContainer("obeys", source);
  await untilPrinted(running, "up\n");
  expect(await host.ctr("containers", "ls", "-q")).toContain("obeys");
  running.kill("SIGTERM");
  const { exitCode } = await running.ended;
  expect(exitCode).toBe(5);
  expect(running.stdout()).toContain("asked\n");
  expect(await host.ctr("containers", "ls", "-q")).not.toContain("obeys");
  expect((await host.ctr("snapshots", "ls")).filter((line) => line.startsWith("obeys"))).toEqual([]);
  expect(await host.ctr("images", "ls", "-q")).toContain(source);
});

it("SIGTERM while the image is still pulled ends host-ctr by that signal, which is no failure of its unit", async () => {
  const running = await host.runContainer("waits", "127.0.0.1:9/waits:1");
  await untilPrinted(running, "trying again");
  running.kill("SIGTERM");
  expect((await running.ended).exitCode).toBe(128 + 15);
  expect(running.stdout()).toContain("ended by SIGTERM before the container ran");
});

it("containers Check 23: a container that ignores SIGTERM is killed after 20 s", async () => {
  const source = image("ignores", "trap '' TERM; echo up; while :; do busybox sleep 0.1; done");
  const running = await host.runContainer("ignores", source);
  await untilPrinted(running, "up\n");
  const beginMs = performance.now();
  running.kill("SIGTERM");
  expect((await running.ended).exitCode).toBe(128 + 9);
  const seconds = (performance.now() - beginMs) / 1000;
  expect(seconds).toBeGreaterThanOrEqual(20);
  expect(seconds).toBeLessThan(30);
  expect(await host.ctr("containers", "ls", "-q")).not.toContain("ignores");
}, 120_000);

it("containers Check 24: host-ctr that was killed takes the running container over, with all it prints", async () => {
  const source = image("adopted", `echo begin $$; ${awaitFile("go")}; echo end; exit 3`);
  const directory = await host.makeStorage("adopted");
  const first = await host.runContainer("adopted", source);
  await untilPrinted(first, "begin");
  first.kill("SIGKILL");
  await first.ended;
  const [before] = await host.ctr("tasks", "ls", "-q");
  const second = await host.runContainer("adopted", source);
  await untilPrinted(second, "container adopted runs on");
  expect(await host.ctr("tasks", "ls", "-q")).toEqual(before === undefined ? [] : [before]);
  await writeFile(`${directory}/go`, "");
  expect((await second.ended).exitCode).toBe(3);
  expect(second.stdout()).toContain("end\n");
  expect(second.stdout()).not.toContain("begin");
});

it("what an earlier run has left is not gone on with: the image is pulled, and the root is fresh", async () => {
  const script = (code: number) =>
    `[ -e /tmp/old ] && echo stale; echo >/tmp/old; echo up; ${awaitFile("go")}; exit ${code}`;
  const directory = await host.makeStorage("left");
  const first = await host.runContainer("left", image("left", script(3)));
  await untilPrinted(first, "up\n");
  first.kill("SIGKILL");
  await first.ended;
  // As after a power cut: the container is there, and nothing of it runs.
  await host.ctr("tasks", "kill", "-s", "SIGKILL", "left");
  await writeFile(`${directory}/go`, "");
  const second = await host.runContainer("left", image("left", script(4)));
  expect((await second.ended).exitCode).toBe(4);
  expect(second.stdout()).not.toContain("stale");
});

it("a container outlives a restart of its runtime, and its exit code still comes", async () => {
  const running = await host.runContainer(
    "outlives",
    image("outlives", `echo up; ${awaitFile("go")}; exit 4`),
  );
  await untilPrinted(running, "up\n");
  await host.restartContainerd();
  await writeFile(`${await host.makeStorage("outlives")}/go`, "");
  expect((await running.ended).exitCode).toBe(4);
  expect(await host.ctr("containers", "ls", "-q")).not.toContain("outlives");
});

it("containers Check 14: clean-up of a container that is not there is done", async () => {
  const { exitCode, stdout } = await host.run(["host-ctr", "clean-up", "--container-id", "nosuch"]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("there is no container nosuch");
});

it("clean-up ends a running container and leaves nothing of it", async () => {
  const source = image("cleaned", "trap '' TERM; echo up; while :; do busybox sleep 0.1; done");
  const running = await host.runContainer("cleaned", source);
  await untilPrinted(running, "up\n");
  const cleaned = await host.run(["host-ctr", "clean-up", "--container-id", "cleaned"]);
  expect([cleaned.exitCode, cleaned.stderr]).toEqual([0, ""]);
  expect((await running.ended).exitCode).toBe(128 + 9);
  expect(running.stderr()).toMatch(
    /^time=\S+ level=error msg="container cleaned ended with exit code 137"\n$/,
  );
  expect(await host.ctr("containers", "ls", "-q")).not.toContain("cleaned");
  expect(await host.ctr("tasks", "ls", "-q")).not.toContain("cleaned");
});

it("the storage and its user data are there under both names, and stay when the container is gone", async () => {
  const directory = await host.makeStorage("stores");
  await writeFile(`${directory}/user-data`, "hi");
  const script = `busybox cat /.bottlerocket/host-containers/stores/user-data; echo; echo kept >${storage}/kept`;
  expect(await outputOf("stores", script)).toBe("hi\n");
  expect(await readFile(`${directory}/kept`, "utf8")).toBe("kept\n");
  expect(await outputOf("stores", `busybox cat ${storage}/kept; busybox ls /tmp`)).toBe("kept\n");
});

it("containers Check 22: a container named `current` has its storage there once", async () => {
  const mounts = await outputOf(
    "current",
    "busybox grep -c ' /.bottlerocket/host-containers/current ' /proc/mounts",
  );
  expect(mounts).toBe("1\n");
});

it("the user of the image is the container's, by name, with the groups that it has there", async () => {
  registry.put("worker", makeImage(host.tools, { script: "busybox id", user: "worker" }));
  const running = await host.runContainer("worker", "registry.test/worker:1");
  expect((await running.ended).exitCode).toBe(0);
  expect(running.stdout()).toMatch(/^uid=1001\S* gid=1002\S* groups=1002\S*,1003\S*$/m);
});

it("the proxy of the host replaces that of the image, in both spellings", async () => {
  registry.put(
    "proxied",
    makeImage(host.tools, { script: "busybox env", environment: ["PATH=/bin", "NO_PROXY=image", "OWN=1"] }),
  );
  // No server is asked through the proxy: the registry's address is among those that are not.
  const env = { HTTPS_PROXY: "http://127.0.0.1:9", NO_PROXY: "127.0.0.1" };
  const running = await host.runContainer("proxied", "registry.test/proxied:1", [], { env });
  expect((await running.ended).exitCode).toBe(0);
  const lines = running.stdout().split("\n");
  for (const [name, value] of Object.entries(env)) {
    expect(lines).toContain(`${name}=${value}`);
    expect(lines).toContain(`${name.toLowerCase()}=${value}`);
  }
  expect(lines).toContain("OWN=1");
});

it("the API answers in a container, also after the API server was restarted", async () => {
  const serve = (answer: string) =>
    Bun.serve({ unix: host.at("/run/api/api.sock"), fetch: () => new Response(JSON.stringify(answer)) });
  let server = serve("first");
  try {
    const directory = await host.makeStorage("asks");
    const ask = "apiclient raw -u /settings";
    const running = await host.runContainer(
      "asks",
      image("asks", `${ask}; echo; ${awaitFile("go")}; ${ask}; echo`),
    );
    await untilPrinted(running, "first");
    // As a restart does it: the socket goes, and another one of that name comes.
    await server.stop(true);
    await rm(host.at("/run/api/api.sock"), { force: true });
    server = serve("second");
    await writeFile(`${directory}/go`, "");
    expect((await running.ended).exitCode).toBe(0);
    expect(running.stdout()).toContain("second");
  } finally {
    await server.stop(true);
  }
});

const look = `busybox grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status; [ $$ = 1 ] && echo own pids;
  [ -e /.bottlerocket/rootfs/usr ] && echo sees the host; [ -d /proc/acpi ] && busybox ls /proc/acpi; ulimit -n`;

it("containers Check 19: a normal container has 14 capabilities, process ids of its own, and does not see the host", async () => {
  const text = await outputOf("normal", look);
  expect(text).toMatch(/CapEff:\s+00000000a80425fb\n/);
  expect(text).toMatch(/NoNewPrivs:\s+1\nSeccomp:\s+2\n/);
  expect(text).toContain("own pids\n");
  expect(text).not.toContain("sees the host");
  expect(text).toEndWith("1024\n");
});

it("containers Check 19: it cannot make namespaces, nor mount", async () => {
  const text = await outputOf(
    "confined",
    "busybox unshare -m true 2>&1 || echo no; busybox mount -t tmpfs t /tmp 2>&1 || echo no",
  );
  expect(text.match(/^no$/gm)).toHaveLength(2);
});

it("containers Check 20: a superpowered container is unconfined and sees the host with its processes", async () => {
  const text = await outputOf("super", look, ["--superpowered=true"]);
  const own = /CapEff:\s+(\w+)/.exec(await readFile("/proc/self/status", "utf8"))?.[1];
  expect(text).toMatch(new RegExp(`CapEff:\\s+${own}\n`));
  expect(text).toMatch(/NoNewPrivs:\s+0\nSeccomp:\s+0\n/);
  expect(text).not.toContain("own pids");
  expect(text).toContain("sees the host\n");
});

it("containers Check 21: a bootstrap container has 16 capabilities, and only storage mounts that the host has", async () => {
  const script = `${look}; busybox grep -o ' /.bottlerocket/rootfs/var/lib/[a-z]* ' /proc/mounts`;
  const text = await outputOf("boots", script, ["--container-type=bootstrap"]);
  expect(text).toMatch(/CapEff:\s+00000000a82435fb\n/);
  expect(text).toMatch(/NoNewPrivs:\s+1\nSeccomp:\s+2\n/);
  expect(text).toContain("own pids\nsees the host\n");
  expect(text).toContain(" /.bottlerocket/rootfs/var/lib/docker ");
  expect(text).not.toContain("kubelet");
});

it("a bootstrap container, whose mounts the host sees, covers nothing of the host's, and another one starts beside it", async () => {
  const mounts = async () => (await host.run(["cat", "/proc/self/mountinfo"])).stdout;
  expect(await mounts()).toMatch(/ \/run \S+ shared:/);
  const script = `echo up; ${awaitFile("go").replace("host-", "bootstrap-")}`;
  const first = await host.runContainer("first", image("first", script), ["--container-type=bootstrap"]);
  await untilPrinted(first, "up\n");
  expect(await mounts()).not.toContain("container-run");
  const second = await outputOf("second", "busybox ls -l /run", ["--container-type=bootstrap"]);
  expect(second).toContain("api.sock -> api/api.sock");
  await writeFile(host.at("/local/bootstrap-containers/first/go"), "");
  expect((await first.ended).exitCode).toBe(0);
  expect(await mounts()).not.toContain("container-run");
});

it("containers Check 25: what a bootstrap container mounts below /mnt stays on the host, elsewhere it does not", async () => {
  const at = (name: string) => `/.bottlerocket/rootfs/${name}/t`;
  const mount = (name: string) =>
    `busybox mkdir ${at(name)} && busybox mount -t tmpfs t ${at(name)} && echo yes >${at(name)}/f`;
  await outputOf("mounts", `${mount("mnt")} && ${mount("tmp")}`, ["--container-type=bootstrap"]);
  expect(await readFile(host.at("/mnt/t/f"), "utf8")).toBe("yes\n");
  expect((await readdir(host.at("/tmp/t"))).length).toBe(0);
});

it("containers Check 25: what the host mounts below /mnt is seen by a superpowered container that runs", async () => {
  const directory = await host.makeStorage("watches");
  const script = `echo up; ${awaitFile("go")}; busybox cat /.bottlerocket/rootfs/mnt/from-host/f`;
  const running = await host.runContainer("watches", image("watches", script), ["--superpowered"]);
  await untilPrinted(running, "up\n");
  const mounted = await host.run([
    "busybox",
    "sh",
    "-c",
    "mkdir /mnt/from-host && mount -t tmpfs t /mnt/from-host && echo seen >/mnt/from-host/f",
  ]);
  expect(mounted.exitCode).toBe(0);
  await writeFile(`${directory}/go`, "");
  expect((await running.ended).exitCode).toBe(0);
  expect(running.stdout()).toContain("seen\n");
});

it("an image that cannot be run is said to be so, and nothing of the container is left", async () => {
  registry.put("stranger", makeImage(host.tools, { script: "true", user: "nobody-here" }));
  const running = await host.runContainer("stranger", "registry.test/stranger:1");
  expect((await running.ended).exitCode).toBe(1);
  expect(running.stderr()).toContain(
    'the image names the user \\"nobody-here\\", whom its /etc/passwd does not have',
  );
  expect((await host.ctr("snapshots", "ls")).filter((line) => line.startsWith("stranger"))).toEqual([]);
});

it("without containerd it says which socket it tried", async () => {
  const { exitCode, stderr } = await host.run([
    "host-ctr",
    "-s",
    "/run/no.sock",
    "clean-up",
    "--container-id",
    "x",
  ]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("nobody answers on /run/no.sock (namespace default)");
}, 60_000);
