/** What containers and the host see of each other's files and mounts. */
import { describe, expect, it } from "bun:test";
import { output } from "../../lab.ts";
import { runningTasks, untilRunning } from "../support/containers.ts";
import { host } from "./machine.ts";

const ROOTFS = "/.bottlerocket/rootfs";

const power = (command: string) => output(host, `apiclient exec power busybox ${command}`);
const mountInPower = (at: string) =>
  power(`sh -c 'busybox mkdir -p ${at} && busybox mount -t tmpfs tmpfs ${at} && echo power >${at}/from'`);

export function theMounts(): void {
  describe("mounts", () => {
    it("containers Check 26: /local/mnt shows nothing of what is in /mnt", async () => {
      await output(host, "echo here > /mnt/a-file");
      expect(await output(host, "ls -A /local/mnt")).toBe("");
      expect(await power(`cat ${ROOTFS}/mnt/a-file`)).toBe("here\n");
    });

    it("containers 10: what the host mounts below /mnt is seen by superpowered containers that run already", async () => {
      await output(
        host,
        "mkdir -p /mnt/host && mount -t tmpfs tmpfs /mnt/host && echo host > /mnt/host/from",
      );
      for (const name of ["power", "admin"])
        expect(await output(host, `apiclient exec ${name} busybox cat ${ROOTFS}/mnt/host/from`)).toBe(
          "host\n",
        );
      await output(host, "umount /mnt/host");
      expect(await power(`ls -A ${ROOTFS}/mnt/host`)).toBe("");
    });

    it("containers 10: what a superpowered one mounts there is seen by the host and the others, and outlives it", async () => {
      const at = `${ROOTFS}/mnt/power`;
      await mountInPower(at);
      expect(await output(host, "findmnt -n -o FSTYPE /mnt/power; cat /mnt/power/from")).toBe(
        "tmpfs\npower\n",
      );
      expect(await output(host, `apiclient exec admin busybox cat ${at}/from`)).toBe("power\n");
      await output(host, "apiclient set --wait host-containers.power.enabled=false");
      expect((await runningTasks(host)).has("power")).toBe(false);
      expect(await output(host, "cat /mnt/power/from")).toBe("power\n");
      await output(host, "apiclient set --wait host-containers.power.enabled=true");
      await untilRunning(host, ["power"]);
      expect(await power(`cat ${at}/from`)).toBe("power\n");
    }, 300_000);

    it("containers 10: what a superpowered one takes away there is gone from the host and the others", async () => {
      await power(`umount ${ROOTFS}/mnt/power`);
      expect((await host.ask("findmnt /mnt/power")).exitCode).toBe(1);
      expect(await output(host, `apiclient exec admin busybox ls -A ${ROOTFS}/mnt/power`)).toBe("");
    });

    it("containers 10: what a superpowered one mounts elsewhere is its own", async () => {
      const at = `${ROOTFS}/tmp/power`;
      await mountInPower(at);
      expect(await power(`cat ${at}/from`)).toBe("power\n");
      expect(await output(host, "ls -A /tmp/power")).toBe("");
    });

    it("containers 9.4: a container that is not superpowered sees nothing of the host's files, and mounts nothing", async () => {
      expect((await host.ask(`apiclient exec plain busybox ls ${ROOTFS}`)).exitCode).toBe(1);
      const refused = await host.ask("apiclient exec plain busybox mount -t tmpfs tmpfs /tmp");
      expect(refused.output).toContain("permission denied");
    });
  });
}
