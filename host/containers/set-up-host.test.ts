import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { setUpHostContainers } from "./set-up-host.ts";
import { ExampleHost } from "./testing.ts";

const template = "host-containers@.service";
const unit = (name: string) => `host-containers@${name}.service`;
const source = "r.example/a:1";
const start = (name: string) => `systemctl enable ${unit(name)} --now --no-block`;

let host: ExampleHost;
beforeEach(async () => {
  host = await ExampleHost.make();
  await host.bootInto("multi-user.target");
});
afterEach(() => host.remove());

describe("host containers", () => {
  it("containers Check 3: get their environment file, and on the way to the target are only enabled", async () => {
    await host.install(template);
    await host.bootInto("configured.target");
    await setUpHostContainers(host, { probe: { enabled: true, source } });
    expect(await host.text("etc/host-containers/probe.env")).toBe(
      [
        "CTR_SUPERPOWERED=false",
        "CTR_SOURCE=r.example/a:1",
        "",
        "# Whether the container runs is told to systemd by enabling its unit; here it is only noted.",
        "# CTR_ENABLED=true",
        "",
      ].join("\n"),
    );
    expect(host.commands).toEqual([`systemctl enable ${unit("probe")} --no-reload --no-block`]);
  });

  it("have their limits behind what the reference has in the environment file; changing one restarts just that container", async () => {
    await host.install(template);
    const declared = (memory: string) => ({
      admin: { enabled: true, source },
      probe: { enabled: true, source, limits: { memory, cpu: "1.5", pids: 100 } },
    });
    await setUpHostContainers(host, declared("64Mi"));
    await host.enable(unit("admin"), "multi-user.target", "wants");
    await host.enable(unit("probe"), "multi-user.target", "wants");
    host.commands.length = 0;
    await setUpHostContainers(host, declared("1Gi"), ["settings.host-containers.probe.limits.memory"]);
    expect(host.commands).toEqual([`systemctl stop ${unit("probe")}`, start("probe")]);
    expect(await host.text("etc/host-containers/admin.env")).toEndWith("\n# CTR_ENABLED=true\n");
    expect(await host.text("etc/host-containers/probe.env")).toEndWith(
      "\n# CTR_ENABLED=true\nCTR_MEMORY=1Gi\nCTR_CPU=1.5\nCTR_PIDS=100\n",
    );
  });

  it("containers Check 4: in multi-user.target are stopped, cleaned up with the runtime, and started", async () => {
    await host.install(template);
    await host.startRuntime();
    await setUpHostContainers(host, { probe: { enabled: true, source } });
    expect(host.commands).toEqual([
      "systemctl is-active --quiet host-containerd.service",
      `systemctl stop ${unit("probe")}`,
      "host-ctr clean-up --container-id probe",
      start("probe"),
    ]);
  });

  it("containers Check 4: are not cleaned up while the runtime starts", async () => {
    await host.install(template);
    await host.startRuntime();
    await host.enable(unit("probe"), "multi-user.target", "wants");
    host.exitCodes.set("systemctl is-active --quiet host-containerd.service", 3);
    await setUpHostContainers(host, { probe: { enabled: true, source } });
    expect(host.commands.slice(1)).toEqual([`systemctl stop ${unit("probe")}`, start("probe")]);
  });

  it("containers Check 5: are touched only if the change affects them", async () => {
    await host.install(template);
    const declared = { admin: { enabled: true, source }, admin2: { enabled: true, source } };
    await setUpHostContainers(host, declared, ["settings.host-containers.admin2.enabled"]);
    expect(host.commands).toEqual([start("admin2")]);
    expect(await host.text("etc/host-containers/admin.env")).toBeUndefined();
    await setUpHostContainers(host, declared, ["settings.network.https-proxy"]);
    expect(host.commands.slice(1)).toEqual([start("admin"), start("admin2")]);
  });

  it("containers Check 6: are all attempted; the failure names and counts those that failed", async () => {
    await host.install(template);
    const declared = { a: { enabled: true }, b: { enabled: true, source } };
    await expect(setUpHostContainers(host, declared)).rejects.toMatchObject({
      code: "containers/bad-settings",
      message: "Failed to set up 1 of 2 host containers: a: settings.host-containers.a.source is not set",
    });
    expect(host.commands).toEqual([start("b")]);
  });

  it("containers Check 7: find their user data decoded, in a directory for root alone; it goes with the setting", async () => {
    const directory = "local/host-containers/probe";
    await setUpHostContainers(host, { probe: { source, "user-data": "aGk=" } });
    expect(await host.text(`${directory}/user-data`)).toBe("hi");
    expect([await host.mode(directory), await host.mode(`${directory}/user-data`)]).toEqual(["700", "600"]);
    await host.put(`${directory}/stored`, "by the container");
    await setUpHostContainers(host, { probe: { source } });
    expect(await host.text(`${directory}/user-data`)).toBeUndefined();
    expect(await host.text(`${directory}/stored`)).toBe("by the container");
  });

  it("that are disabled and never ran cost no command, with the unit or without it", async () => {
    const declared = { admin: { enabled: false, source }, control: { source } };
    await setUpHostContainers(host, declared);
    await host.install(template);
    await setUpHostContainers(host, declared);
    await setUpHostContainers(host, undefined);
    expect(host.commands).toEqual([]);
  });

  it("that are disabled now are stopped", async () => {
    await host.install(template);
    await host.enable(unit("admin"), "multi-user.target", "wants");
    await setUpHostContainers(host, { admin: { enabled: false, source } });
    expect(host.commands).toEqual([
      `systemctl stop ${unit("admin")}`,
      `systemctl disable ${unit("admin")} --now --no-block`,
    ]);
    expect(await host.text("etc/host-containers/admin.env")).toEndWith("# CTR_ENABLED=false\n");
  });

  it("that are not declared any more are stopped and forgotten; what they have stored stays", async () => {
    await host.install(template);
    await setUpHostContainers(host, { admin: { enabled: true, source, "user-data": "aGk=" } });
    await host.put("local/host-containers/admin/stored", "by the container");
    await host.enable(unit("admin"), "multi-user.target", "wants");
    host.commands.length = 0;
    await setUpHostContainers(host, undefined, ["settings.host-containers.admin.source"]);
    expect(host.commands).toEqual([
      `systemctl stop ${unit("admin")}`,
      `systemctl disable ${unit("admin")} --now --no-block`,
    ]);
    expect(await host.text("etc/host-containers/admin.env")).toBeUndefined();
    expect(await host.text("local/host-containers/admin/user-data")).toBeUndefined();
    expect(await host.text("local/host-containers/admin/stored")).toBe("by the container");
  });

  it("that could not be taken away are tried again", async () => {
    await host.install(template);
    await setUpHostContainers(host, { admin: { source } });
    await host.enable(unit("admin"), "multi-user.target", "wants");
    const disable = `systemctl disable ${unit("admin")} --now --no-block`;
    host.exitCodes.set(disable, 1);
    await expect(setUpHostContainers(host, {})).rejects.toMatchObject({
      code: "containers/failed",
      message: `Failed to set up 1 of 1 host containers: admin: ${disable}: exit code 1: it was refused`,
    });
    host.exitCodes.clear();
    await setUpHostContainers(host, {});
    expect(await host.text("etc/host-containers/admin.env")).toBeUndefined();
  });

  it("that are enabled fail with what is missing where the image cannot run them", async () => {
    const declared = { a: { enabled: true, source }, b: { enabled: true } };
    await expect(setUpHostContainers(host, declared)).rejects.toMatchObject({
      code: "containers/failed",
      message:
        "Failed to set up 2 of 2 host containers: a: unit host-containers@a.service is not part of this image: running host containers is not built yet; b: settings.host-containers.b.source is not set",
    });
    expect(host.commands).toEqual([]);
  });
});
