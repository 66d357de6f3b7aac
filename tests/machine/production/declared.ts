/** Host containers as user data declares them: they run, each with its own user data, storage, limits and way to the API. */
import { describe, expect, it } from "bun:test";
import { output } from "../../lab.ts";
import { CTR, statusOf, untilRunning } from "../support/containers.ts";
import { enter, host, LIMITS } from "./machine.ts";

export const RUNNING = ["admin", "control", "plain", "power"];

export function theDeclaredContainers(): void {
  describe("host containers that user data enables", () => {
    it("are pulled from the registry and run: ours, and small ones", async () => {
      await untilRunning(host, RUNNING);
      const images = (await output(host, `${CTR} images ls -q`)).trim().split("\n");
      const { containers } = await statusOf(host);
      for (const name of RUNNING) {
        const found = containers.find((one) => one.name === name);
        expect(found).toMatchObject({
          kind: "host",
          wanted: "enabled",
          unit: { state: "active", problem: null },
        });
        expect(images).toContain(found?.source ?? "");
      }
    }, 600_000);

    it("containers Check 7: have their user data and a storage that nobody else enters", async () => {
      const storage = "/.bottlerocket/host-containers/current";
      const found = await output(host, `apiclient exec plain busybox cat ${storage}/user-data`);
      expect(found).toBe("hi");
      expect(await output(host, "stat -c %a /local/host-containers/plain")).toBe("700\n");
    });

    it("reach the API with apiclient, as root and as the user of the admin container", async () => {
      const get = "apiclient get settings.motd";
      const found = await output(host, get);
      expect(found).toContain("Production");
      for (const name of RUNNING) expect(await output(host, `apiclient exec ${name} ${get}`)).toBe(found);
      expect(await enter(get)).toEqual({ exitCode: 0, stdout: found, stderr: "" });
    });

    it("are held to settings.host-containers.NAME.limits by the kernel, those that have some alone", async () => {
      const files = ["memory.max", "memory.swap.max", "cpu.max", "pids.max"];
      const limits = (name: string) =>
        output(host, `cd /sys/fs/cgroup/default/${name} && cat ${files.join(" ")}`);
      expect(LIMITS).toEqual({ memory: "64Mi", cpu: "1500m", pids: 100 });
      expect(await limits("power")).toBe("67108864\n0\n150000 100000\n100\n");
      expect(await limits("plain")).toBe("max\nmax\nmax 100000\nmax\n");
    });
  });
}
