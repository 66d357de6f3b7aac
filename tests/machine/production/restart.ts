/** A restart of the production host. */
import { describe, expect, it } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { output } from "../../lab.ts";
import { runningTasks, untilRunning } from "../support/containers.ts";
import { host, late, registry, STARTS } from "./machine.ts";

export function theRestart(): void {
  describe("a restart of the host", () => {
    const starts = async () =>
      Number(await output(host, `grep -c start /local/host-containers/power/${STARTS}`));
    let before: number;

    it("lets the same user in, as the same host", async () => {
      before = await starts();
      await registry.stop();
      await late.stop();
      const known = await readFile(join(host.directory, "known_hosts"), "utf8");
      await host.reboot(600_000);
      expect(await output(host, "cat /etc/motd")).toBe("Production\n");
      expect(await readFile(join(host.directory, "known_hosts"), "utf8")).toBe(known);
    }, 900_000);

    it("brings the containers back although their registry is gone, with what they have stored, and not the removed one", async () => {
      await untilRunning(host, ["admin", "control", "power", "late"]);
      expect(await starts()).toBe(before + 1);
      expect((await runningTasks(host)).has("plain")).toBe(false);
    }, 600_000);
  });
}
