/** The admin container with OpenSSH's client: who gets in, and from there into the host. */
import { describe, expect, it } from "bun:test";
import { output } from "../../lab.ts";
import { SshClient } from "../support/ssh.ts";
import { enter, host } from "./machine.ts";

export function theAdminContainer(): void {
  describe("the admin container", () => {
    it("lets in nobody but the owner of the key, and not as root", async () => {
      const stranger = await SshClient.make();
      const refused = await stranger.run(host.sshPort, "ec2-user", "id");
      await stranger.remove();
      expect(refused.exitCode).toBe(255);
      expect(refused.stderr).toContain("Permission denied (publickey)");
      const asRoot = await enter("id", "", ["-l", "root"]);
      expect(asRoot.exitCode).toBe(255);
      expect(asRoot.stderr).toContain("Permission denied (publickey)");
    });

    it("has sudo sheltie, which runs programs of the host, with input, output and exit code", async () => {
      const boot = (await output(host, "cat /proc/sys/kernel/random/boot_id")).trim();
      expect((await enter("sudo sheltie cat /proc/sys/kernel/random/boot_id")).stdout).toBe(`${boot}\n`);
      expect((await enter("sudo sheltie systemctl get-default")).stdout).toBe("multi-user.target\n");
      expect((await enter("sudo sheltie journalctl -u apiserver -n 1 -q --no-pager")).exitCode).toBe(0);
      expect(await enter("sudo sheltie", "cat /etc/os-release | grep ^ID=; exit 4\n")).toMatchObject({
        exitCode: 4,
        stdout: "ID=pinwheel\n",
      });
      expect(await enter("sheltie true")).toMatchObject({
        exitCode: 1,
        stdout: "sheltie must be run as root: sudo sheltie\n",
      });
    });
  });
}
