/** The commands of the control container about the admin container, which takes away the way in of these tests meanwhile. */
import { describe, expect, it } from "bun:test";
import { output, setting } from "../../lab.ts";
import { CTR, runningTasks } from "../support/containers.ts";
import { byItself, host } from "./machine.ts";

const STORAGE = "/.bottlerocket/host-containers/current";
const ENABLED = "apiclient get settings.host-containers.admin.enabled";

/** For bash in the control container. What it prints is compared: see the test. */
const SCRIPT = `set -e
enable-admin-container | head -n 1
disable-admin-container
disable-admin-container
until ! apiclient exec admin true; do sleep 1; done &>/dev/null
${ENABLED} | jq '."host-containers".admin.enabled, .settings."host-containers".admin.enabled | select(. != null)'
echo 'id -un; readlink /proc/1/exe' | enter-admin-container 2>/dev/null
enable-admin-container | head -n 1`;

export function theControlContainer(): void {
  describe("the control container", () => {
    it("containers 13.3: disables, enables and enters the admin container, which stays the same host", async () => {
      const hostKeys = () => output(host, "sha256sum /local/host-containers/admin/etc/ssh/*_key");
      const [before, keys] = [await runningTasks(host), await hostKeys()];
      await output(host, `cat >/local/host-containers/control/script <<'end'\n${SCRIPT}\nend`);
      const printed = await byItself("by-control", `apiclient exec control bash ${STORAGE}/script`);
      expect(printed.trimEnd().split("\n")).toEqual([
        "The admin container is already enabled",
        "The admin container is now disabled",
        "The admin container is already disabled",
        "false",
        "root",
        "/usr/lib/systemd/systemd",
        "The admin container is already enabled",
      ]);
      expect(await setting(host, "settings.host-containers.admin.enabled")).toBe(true);
      const after = await runningTasks(host);
      expect(after.get("admin")).not.toBe(before.get("admin"));
      for (const name of ["control", "plain", "power"])
        expect([name, after.get(name)]).toEqual([name, before.get(name)]);
      // The client that asks all this refuses another key than the one it has seen first.
      expect(await hostKeys()).toBe(keys);
      expect(await output(host, `${CTR} containers ls -q`)).toContain("admin\n");
    }, 600_000);
  });
}
