/** What a container is given: storage, user, proxy, the API, capabilities, namespaces and mounts. */
import { expect, it } from "bun:test";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostOfThisFile } from "./support/host-with-registry.ts";
import { awaitFile, storage } from "./support/image.ts";

const here = hostOfThisFile();

it("the storage and its user data are there under both names, and stay when the container is gone", async () => {
  const directory = await here.host.makeStorage("stores");
  await writeFile(`${directory}/user-data`, "hi");
  const script = `busybox cat /.bottlerocket/host-containers/stores/user-data; echo; echo kept >${storage}/kept`;
  expect(await here.outputOf("stores", script)).toBe("hi\n");
  expect(await readFile(`${directory}/kept`, "utf8")).toBe("kept\n");
  expect(await here.outputOf("stores", `busybox cat ${storage}/kept; busybox ls /tmp`)).toBe("kept\n");
});

it("containers Check 22: a container named `current` has its storage there once", async () => {
  const mounts = await here.outputOf(
    "current",
    "busybox grep -c ' /.bottlerocket/host-containers/current ' /proc/mounts",
  );
  expect(mounts).toBe("1\n");
});

it("the user of the image is the container's, by name, with the groups that it has there", async () => {
  const running = await here.runContainer("worker", { script: "busybox id", user: "worker" });
  expect((await running.ended).exitCode).toBe(0);
  expect(running.stdout()).toMatch(/^uid=1001\S* gid=1002\S* groups=1002\S*,1003\S*$/m);
});

it("the proxy of the host replaces that of the image, in both spellings", async () => {
  const image = { script: "busybox env", environment: ["PATH=/bin", "NO_PROXY=image", "OWN=1"] };
  // No server is asked through the proxy: the registry's address is among those that are not.
  const env = { HTTPS_PROXY: "http://127.0.0.1:9", NO_PROXY: "127.0.0.1" };
  const running = await here.runContainer("proxied", image, [], { env });
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
    Bun.serve({ unix: here.host.at("/run/api/api.sock"), fetch: () => new Response(JSON.stringify(answer)) });
  let server = serve("first");
  try {
    const directory = await here.host.makeStorage("asks");
    const ask = "apiclient raw -u /settings";
    const running = await here.runContainer("asks", `${ask}; echo; ${awaitFile("go")}; ${ask}; echo`);
    await running.untilPrinted("first");
    // As a restart does it: the socket goes, and another one of that name comes.
    await server.stop(true);
    await rm(here.host.at("/run/api/api.sock"), { force: true });
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
  const text = await here.outputOf("normal", look);
  expect(text).toMatch(/CapEff:\s+00000000a80425fb\n/);
  expect(text).toMatch(/NoNewPrivs:\s+1\nSeccomp:\s+2\n/);
  expect(text).toContain("own pids\n");
  expect(text).not.toContain("sees the host");
  expect(text).toEndWith("1024\n");
});

it("containers Check 19: it cannot make namespaces, nor mount", async () => {
  const text = await here.outputOf(
    "confined",
    "busybox unshare -m true 2>&1 || echo no; busybox mount -t tmpfs t /tmp 2>&1 || echo no",
  );
  expect(text.match(/^no$/gm)).toHaveLength(2);
});

it("containers Check 20: a superpowered container is unconfined and sees the host with its processes", async () => {
  const text = await here.outputOf("super", look, ["--superpowered=true"]);
  const own = /CapEff:\s+(\w+)/.exec(await readFile("/proc/self/status", "utf8"))?.[1];
  expect(text).toMatch(new RegExp(`CapEff:\\s+${own}\n`));
  expect(text).toMatch(/NoNewPrivs:\s+0\nSeccomp:\s+0\n/);
  expect(text).not.toContain("own pids");
  expect(text).toContain("sees the host\n");
});

it("containers Check 21: a bootstrap container has 16 capabilities, and only storage mounts that the host has", async () => {
  const script = `${look}; busybox grep -o ' /.bottlerocket/rootfs/var/lib/[a-z]* ' /proc/mounts`;
  const text = await here.outputOf("boots", script, ["--container-type=bootstrap"]);
  expect(text).toMatch(/CapEff:\s+00000000a82435fb\n/);
  expect(text).toMatch(/NoNewPrivs:\s+1\nSeccomp:\s+2\n/);
  expect(text).toContain("own pids\nsees the host\n");
  expect(text).toContain(" /.bottlerocket/rootfs/var/lib/docker ");
  expect(text).not.toContain("kubelet");
});

it("a bootstrap container, whose mounts the host sees, covers nothing of the host's, and another one starts beside it", async () => {
  const mounts = async () => (await here.host.run(["cat", "/proc/self/mountinfo"])).stdout;
  expect(await mounts()).toMatch(/ \/run \S+ shared:/);
  const script = `echo up; ${awaitFile("go").replace("host-", "bootstrap-")}`;
  const first = await here.runContainer("first", script, ["--container-type=bootstrap"]);
  await first.untilPrinted("up\n");
  expect(await mounts()).not.toContain("container-run");
  const second = await here.outputOf("second", "busybox ls -l /run", ["--container-type=bootstrap"]);
  expect(second).toContain("api.sock -> api/api.sock");
  await writeFile(here.host.at("/local/bootstrap-containers/first/go"), "");
  expect((await first.ended).exitCode).toBe(0);
  expect(await mounts()).not.toContain("container-run");
});

it("containers Check 25: what a bootstrap container mounts below /mnt stays on the host, elsewhere it does not", async () => {
  const at = (name: string) => `/.bottlerocket/rootfs/${name}/t`;
  const mount = (name: string) =>
    `busybox mkdir ${at(name)} && busybox mount -t tmpfs t ${at(name)} && echo yes >${at(name)}/f`;
  await here.outputOf("mounts", `${mount("mnt")} && ${mount("tmp")}`, ["--container-type=bootstrap"]);
  expect(await readFile(here.host.at("/mnt/t/f"), "utf8")).toBe("yes\n");
  expect((await readdir(here.host.at("/tmp/t"))).length).toBe(0);
});

it("containers Check 25: what the host mounts below /mnt is seen by a superpowered container that runs", async () => {
  const directory = await here.host.makeStorage("watches");
  const script = `echo up; ${awaitFile("go")}; busybox cat /.bottlerocket/rootfs/mnt/from-host/f`;
  const running = await here.runContainer("watches", script, ["--superpowered"]);
  await running.untilPrinted("up\n");
  const mounted = await here.host.run([
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
