/** A production host as such: what it has, what it does not have, and that it is well. */
import { describe, expect, it } from "bun:test";
import { output } from "../../lab.ts";
import { host } from "./machine.ts";

export function theSealedHost(): void {
  describe("a production host", () => {
    it("has every unit up, and the boot counts as good", async () => {
      await host.waitForBoot();
      expect(await output(host, "systemctl list-units --failed --no-legend --plain")).toBe("");
      expect(await output(host, "systemctl is-system-running")).toBe("running\n");
      const targets = "preconfigured.target configured.target multi-user.target";
      expect(await output(host, `systemctl is-active ${targets}`)).toBe("active\nactive\nactive\n");
      await host.waitUntil("systemctl is-active mark-successful-boot.service", 60_000);
      expect(await output(host, "signpost status")).toMatch(/^Set A:.*successful=true/m);
    });

    it("os-image Check 19: has no shell, interpreter, login or package manager on its path", async () => {
      const names = "sh bash dash busybox login su sudo agetty sulogin sshd ssh python3 perl dpkg apt-get";
      const found = `PATH=/usr/sbin:/usr/bin; for name in ${names}; do type -P $name; done; true`;
      expect(await output(host, found)).toBe("");
    });

    it("offers no login on its console", async () => {
      expect(await host.consoleText()).not.toMatch(/login:|[#$] $/m);
      expect(
        await output(host, "systemctl list-units --all --no-legend --plain '*getty*' '*shell*'"),
      ).toMatch(/^(getty\.target .*\n)?$/);
    });

    it("os-image Check 31: is locked down to integrity, and stays so whatever is set later", async () => {
      const lockdown = "cat /sys/kernel/security/lockdown";
      expect(await output(host, lockdown)).toBe("none [integrity] confidentiality\n");
      expect((await host.ask("apiclient set --wait kernel.lockdown=none")).exitCode).toBe(0);
      expect(await output(host, lockdown)).toBe("none [integrity] confidentiality\n");
    });
  });
}
