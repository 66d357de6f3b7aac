/** What the checks of an update's first boot take and refuse. */
import type { SettingRow } from "./testing.ts";

export const healthSettings: readonly SettingRow[] = [
  [
    "updates.health.units",
    "",
    {
      accepted: [
        [],
        ["kubelet.service", "host-containers@admin.service"],
        ["dev-disk-by\\x2dlabel-data.device", "local-fs.target"],
        [`${"a".repeat(247)}.service`],
      ],
      refused: [
        "kubelet.service",
        ["kubelet"],
        ["kubelet.servic"],
        ["--all.service"],
        ["host-containers@.service"],
        ["*.service"],
        ["a b.service"],
        ["a/b.service"],
        ["a.service\n"],
        [""],
        [`${"a".repeat(248)}.service`],
        [5],
      ],
    },
  ],
  [
    "updates.health.container-checks.agent.container",
    "",
    { accepted: ["a", "admin-2", "a".repeat(76)], refused: ["", "-a", "a_b", "a.b", "a".repeat(77), 5] },
  ],
  [
    "updates.health.container-checks.agent.command",
    "",
    {
      accepted: [["/usr/bin/true"], ["sh", "-c", "test -e /ready &&\ntrue", ""]],
      refused: [[], "/usr/bin/true", [5], ["a\u0000b"]],
    },
  ],
  [
    "updates.health.time-limit",
    "",
    {
      accepted: ["1s", "5m", "1m30s", "1h", "60m", "3600s", "0h1m"],
      refused: ["", "5", "5 m", "1.5m", "30s1m", "5M", "100ms", "-1s", "m", 300],
      refusedBeyondSchema: ["0s", "0h0m0s", "1h1s", "61m", "3601s"],
    },
  ],
];
