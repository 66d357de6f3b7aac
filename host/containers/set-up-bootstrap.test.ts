import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { setUpBootstrapContainers } from "./set-up-bootstrap.ts";
import { ExampleHost } from "./testing.ts";

const template = "bootstrap-containers@.service";
const unit = "bootstrap-containers@prepare.service";
const dropIn = `etc/systemd/system/${unit}.d/overrides.conf`;
const cleanUp = "host-ctr clean-up --container-id boot.prepare";
const source = "r.example/a:1";
/** Asked after a unit was enabled: does the host still wait to reach the target? */
const askForJob = "systemctl show --property=Job --value configured.target";

let host: ExampleHost;
beforeEach(async () => {
  host = await ExampleHost.make();
});
afterEach(() => host.remove());

describe("bootstrap containers", () => {
  it("containers 5.4: those of the first boot's user data run in that boot, before configured.target", async () => {
    await host.install(template);
    host.outputs.set(askForJob, "117\n");
    await setUpBootstrapContainers(host, { broken: {}, prepare: { source, mode: "once" } }).catch(
      () => undefined,
    );
    expect(host.commands).toEqual([
      `systemctl enable ${unit} --no-reload`,
      askForJob,
      "systemctl daemon-reload",
      `systemctl start --no-block ${unit}`,
    ]);
  });

  it("containers 5.2: those that are declared later run with the next boot", async () => {
    await host.install(template);
    host.outputs.set(askForJob, "0\n");
    await setUpBootstrapContainers(host, { prepare: { source, mode: "once" } });
    expect(host.commands).toEqual([`systemctl enable ${unit} --no-reload`, askForJob]);
  });

  it("containers Check 8: mode once, essential: required by configured.target, enabled, not started", async () => {
    await host.install(template);
    await setUpBootstrapContainers(host, { prepare: { source, mode: "once", essential: true } });
    expect(await host.text(dropIn)).toBe("[Install]\nRequiredBy=configured.target\n");
    expect(await host.text("etc/bootstrap-containers/prepare.env")).toBe(
      "CTR_SOURCE=r.example/a:1\nCTR_MODE=once\n",
    );
    expect(host.commands).toEqual([`systemctl enable ${unit} --no-reload`, askForJob]);
  });

  it("containers Check 9: mode off on an active runtime: disabled, then cleaned up", async () => {
    await host.install(template);
    await host.startRuntime();
    await setUpBootstrapContainers(host, { prepare: { source, mode: "off" } });
    expect(host.commands).toEqual([
      "systemctl is-active --quiet host-containerd.service",
      `systemctl disable ${unit} --no-reload`,
      cleanUp,
    ]);
  });

  it("find their user data, which they can read without being root; it goes with the setting", async () => {
    const directory = "local/bootstrap-containers/prepare";
    await setUpBootstrapContainers(host, { prepare: { source, "user-data": "aGk=" } });
    expect(await host.text(`${directory}/user-data`)).toBe("hi");
    expect([await host.mode(directory), await host.mode(`${directory}/user-data`)]).toEqual(["755", "644"]);
    await setUpBootstrapContainers(host, { prepare: { source } });
    expect(await host.text(`${directory}/user-data`)).toBeUndefined();
  });

  it("are all attempted; the failure names and counts those that failed", async () => {
    await host.install(template);
    const declared = { a: {}, b: { source, "user-data": "?" }, prepare: { source, mode: "always" } };
    await expect(setUpBootstrapContainers(host, declared)).rejects.toMatchObject({
      code: "containers/bad-settings",
      message:
        "Failed to set up 2 of 3 bootstrap containers: a: settings.bootstrap-containers.a.source is not set; b: settings.bootstrap-containers.b.user-data is not base64",
    });
    expect(host.commands).toEqual([`systemctl enable ${unit} --no-reload`, askForJob]);
  });

  it("that are off and always were cost no command", async () => {
    await setUpBootstrapContainers(host, { prepare: { source } });
    await host.install(template);
    await setUpBootstrapContainers(host, { prepare: { source, mode: "off" } });
    await setUpBootstrapContainers(host, undefined);
    expect(host.commands).toEqual([]);
  });

  it("that are not declared any more are taken out of the boot; what they have stored stays", async () => {
    await host.install(template);
    await setUpBootstrapContainers(host, { prepare: { source, mode: "once", "user-data": "aGk=" } });
    await host.put("local/bootstrap-containers/prepare/stored", "by the container");
    await host.enable(unit, "configured.target", "wants");
    host.commands.length = 0;
    await setUpBootstrapContainers(host, {});
    expect(host.commands).toEqual([`systemctl disable ${unit} --no-reload`]);
    for (const path of [
      dropIn,
      "etc/bootstrap-containers/prepare.env",
      "local/bootstrap-containers/prepare/user-data",
    ]) {
      expect(await host.text(path)).toBeUndefined();
    }
    expect(await host.text("local/bootstrap-containers/prepare/stored")).toBe("by the container");
  });

  it("that could not be taken away leave no secret and no drop-in, and are taken away by the next change", async () => {
    await host.install(template);
    await setUpBootstrapContainers(host, { prepare: { source, mode: "always", "user-data": "aGk=" } });
    await host.enable(unit, "configured.target", "wants");
    await host.startRuntime();
    host.exitCodes.set(cleanUp, 1);
    await expect(setUpBootstrapContainers(host, {})).rejects.toMatchObject({
      code: "containers/failed",
      message: `Failed to set up 1 of 1 bootstrap containers: prepare: ${cleanUp}: exit code 1: it was refused`,
    });
    expect(await host.text(dropIn)).toBeUndefined();
    expect(await host.text("local/bootstrap-containers/prepare/user-data")).toBeUndefined();
    host.exitCodes.clear();
    await setUpBootstrapContainers(host, {});
    expect(host.commands.at(-1)).toBe(cleanUp);
    expect(await host.text("etc/bootstrap-containers/prepare.env")).toBeUndefined();
  });

  it("that should run fail with what is missing where the image cannot run them", async () => {
    await expect(
      setUpBootstrapContainers(host, { prepare: { source, mode: "always" } }),
    ).rejects.toMatchObject({
      code: "containers/failed",
      message:
        "Failed to set up 1 of 1 bootstrap containers: prepare: unit bootstrap-containers@prepare.service is not part of this image: running bootstrap containers is not built yet",
    });
    expect(host.commands).toEqual([]);
  });
});
