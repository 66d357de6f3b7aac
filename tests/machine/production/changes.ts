/** Settings that change, or go away, on the running host: what is started anew, what is left alone, what is taken away. */
import { describe, expect, it } from "bun:test";
import { output } from "../../lab.ts";
import { CTR, encoded, problemsOf, runningTasks, untilRunning } from "../support/containers.ts";
import { RUNNING } from "./declared.ts";
import { byItself, host, STARTS } from "./machine.ts";

const storage = "/local/host-containers";
const starts = async (name: string) =>
  Number(await output(host, `grep -c start ${storage}/${name}/${STARTS}`));

/** Changes settings of one container, and expects that it alone is another process afterwards. */
async function changesOnly(name: string, change: string): Promise<void> {
  const before = await runningTasks(host);
  await output(host, `apiclient set --wait ${change}`);
  await untilRunning(host, [name]);
  const after = await runningTasks(host);
  const changed = [...before.keys()].filter((each) => after.get(each) !== before.get(each));
  expect(changed).toEqual([name]);
  expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
}

export function theChanges(): void {
  describe("a change of settings", () => {
    it("containers Check 5: of a container's user data starts that one anew, with them, and no other", async () => {
      await changesOnly("plain", `host-containers.plain.user-data=${encoded("two")}`);
      expect(await output(host, `cat ${storage}/plain/user-data`)).toBe("two");
    });

    it("containers Check 5: of a container's powers starts that one anew, with them, and no other", async () => {
      const sees = "apiclient exec plain busybox test -e /.bottlerocket/rootfs/mnt/a-file";
      expect((await host.ask(sees)).exitCode).toBe(1);
      await changesOnly("plain", "host-containers.plain.superpowered=true");
      expect((await host.ask(sees)).exitCode).toBe(0);
    });

    it("containers Check 5: of a container with a longer name leaves it alone", async () => {
      const before = await runningTasks(host);
      await output(host, "CHANGED_SETTINGS=settings.host-containers.plain2.enabled host-containers");
      expect(Object.fromEntries(await runningTasks(host))).toEqual(Object.fromEntries(before));
    });

    it("containers Check 5: of the proxy starts all of them anew, with it in their environment, and nothing else", async () => {
      // Of what the change is no business of.
      const others = () =>
        output(host, "systemctl show --value -p MainPID apiserver chronyd dbus-broker systemd-networkd");
      const [before, othersBefore] = [await runningTasks(host), await others()];
      await byItself("by-proxy", `apiclient set --wait network.no-proxy='["10.0.2.2"]'`);
      await untilRunning(host, RUNNING);
      const after = await runningTasks(host);
      for (const name of RUNNING)
        expect({ name, pid: after.get(name) }).not.toEqual({ name, pid: before.get(name) });
      expect(await output(host, "apiclient exec plain busybox env")).toContain(
        "\nNO_PROXY=10.0.2.2,localhost,127.0.0.1\n",
      );
      expect(await others()).toBe(othersBefore);
    }, 600_000);
  });
}

export function theRemoval(): void {
  describe("a container that is taken out of the settings", () => {
    it("leaves no unit, no environment file, no processes and nothing in containerd, but its storage", async () => {
      const pid = (await runningTasks(host)).get("plain");
      const started = await starts("plain");
      expect(started).toBeGreaterThan(0);
      await output(host, "apiclient unset --wait host-containers.plain");
      const unit = "host-containers@plain.service";
      expect((await host.ask(`systemctl is-active ${unit}`)).output).toBe("inactive\n");
      expect((await host.ask(`systemctl is-enabled ${unit}`)).output).toBe("disabled\n");
      for (const gone of ["/etc/host-containers/plain.env", `/proc/${pid}`, "/sys/fs/cgroup/default/plain"])
        expect({ gone, exitCode: (await host.ask(`test -e ${gone}`)).exitCode }).toEqual({
          gone,
          exitCode: 1,
        });
      for (const what of ["task ls -q", "containers ls -q", "snapshots ls"])
        expect(await output(host, `${CTR} ${what}`)).not.toContain("plain");
      expect(await output(host, "ls /run/host-containerd/runc/default")).not.toContain("plain");
      expect(await output(host, `ls ${storage}/plain`)).toBe(`${STARTS}\n`);
      expect(await starts("plain")).toBe(started);
      expect(await problemsOf(host)).toEqual([]);
    });
  });
}
