import { expect, it } from "bun:test";
import { dryRunText } from "./dry-run-text.ts";

it("a dry run is told with settings, files, services and reboots", () => {
  const text = dryRunText({
    settings: [
      { key: "settings.motd", old: "old", new: "new" },
      { key: "settings.network.https-proxy", old: "(secret)", new: null },
      { key: "settings.ntp.time-servers", old: null, new: ["192.0.2.7"] },
    ],
    files: [
      {
        name: "motd",
        path: "/etc/motd",
        change: "changed",
        diff: "--- /etc/motd\n+++ /etc/motd\n@@ -1 +1 @@\n-old\n+new\n",
      },
      { name: "proxy-env", path: "/etc/network/proxy.env", change: "removed", diff: null },
    ],
    services: [{ name: "ntp", "restart-commands": ["systemctl try-restart a.service", "b"] }],
    reboot: [{ key: "settings.kernel.lockdown", why: "It cannot be lowered." }],
    problems: [],
  });
  expect(text).toBe(`Settings that would change:
  settings.motd: "old" -> "new"
  settings.network.https-proxy: (secret) -> not set
  settings.ntp.time-servers: not set -> ["192.0.2.7"]
Files that would change:
  /etc/motd: changed
--- /etc/motd
+++ /etc/motd
@@ -1 +1 @@
-old
+new
  /etc/network/proxy.env: removed; not shown, because it may hold secrets
Services that would be restarted:
  ntp: systemctl try-restart a.service; b
Reboot needed:
  settings.kernel.lockdown: It cannot be lowered.
Nothing was changed.
`);
});

it("a dry run of nothing says so, part by part", () => {
  expect(dryRunText({ settings: [], files: [], services: [], reboot: [], problems: [] })).toBe(
    "Settings that would change: none\nFiles that would change: none\nServices that would be restarted: none\nReboot needed: none\nNothing was changed.\n",
  );
});
