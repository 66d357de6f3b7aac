/** A restart of the production host. */
import { describe, expect, it } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { output } from "../../lab.ts";
import { host } from "./machine.ts";

export function theRestart(): void {
  describe("a restart of the host", () => {
    it("lets the same user in, as the same host", async () => {
      const known = await readFile(join(host.directory, "known_hosts"), "utf8");
      await host.reboot(600_000);
      expect(await output(host, "cat /etc/motd")).toBe("Production\n");
      expect(await readFile(join(host.directory, "known_hosts"), "utf8")).toBe(known);
    }, 900_000);
  });
}
