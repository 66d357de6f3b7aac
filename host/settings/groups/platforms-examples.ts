/** What aws, ecs, autoscaling, cloudformation, container-runtime, metrics, oci-hooks and oci-defaults take and refuse: specification "settings" 6.7, 7 and 13. */
import type { NamesRow, SettingRow } from "./testing.ts";

const boolean = { accepted: [true, false], refused: ["true", 0] };
const singleLine = { accepted: ["", "eu-west-1"], refused: ["a\nb", 5] };
const base64 = { accepted: ["", "aG9zdA=="], refused: ["not base64!", 5] };
const signed32 = {
  accepted: [-1, 0, 2_147_483_647, -2_147_483_648],
  refused: [2_147_483_648, -2_147_483_649, "5"],
};
const signed64 = {
  accepted: [-5, 0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  refused: [Number.MAX_SAFE_INTEGER + 1, Number.MIN_SAFE_INTEGER - 1, "5"],
};
const ecsDuration = {
  accepted: ["2m", "1s5us", "1s5us9ns", "1s5µs", "1h2m3s4ms5us6ns", "1.5h"],
  refused: ["1m2h", "5", "3d", "", "1ns1us", "1us1µs", 5],
};

export const platformsSettings: readonly SettingRow[] = [
  ["aws.region", "", singleLine],
  ["aws.profile", "", singleLine],
  ["aws.config", "", base64],
  ["aws.credentials", "", base64],
  ["ecs.cluster", "", { accepted: ["", "web", "a\nb"], refused: [5] }],
  [
    "ecs.instance-attributes.stack",
    "",
    {
      accepted: ["blue green", "a\\b", "a@b:c/d_e.f-g", "a", "a".repeat(128)],
      refused: ["", " a", "a ", "a$", "a".repeat(129), "a\tb", 5],
    },
  ],
  ["ecs.allow-privileged-containers", "", boolean],
  ["ecs.logging-drivers", "", { accepted: [[], ["json-file"]], refused: ["json-file", ["a\nb"]] }],
  ["ecs.loglevel", "", { accepted: ["debug", "info", "warn", "error", "crit"], refused: ["warning", ""] }],
  ["ecs.enable-spot-instance-draining", "", boolean],
  [
    "ecs.image-pull-behavior",
    "",
    { accepted: ["default", "always", "once", "prefer-cached"], refused: ["never", ""] },
  ],
  ["ecs.container-stop-timeout", "", ecsDuration],
  ["ecs.task-cleanup-wait", "Check 19", ecsDuration],
  ["ecs.metadata-service-rps", "", signed64],
  ["ecs.metadata-service-burst", "", signed64],
  ["ecs.reserved-memory", "Check 21", { accepted: [0, 65_535], refused: [65_536, -1, "512"] }],
  ["autoscaling.should-wait", "", boolean],
  ["cloudformation.should-signal", "", boolean],
  ["cloudformation.stack-name", "", singleLine],
  ["cloudformation.logical-resource-id", "", singleLine],
  ...["max-container-log-line-size", "max-concurrent-downloads"].map(
    (name): SettingRow => [`container-runtime.${name}`, "", signed32],
  ),
  ["container-runtime.enable-unprivileged-ports", "", boolean],
  ["container-runtime.enable-unprivileged-icmp", "", boolean],
  ["metrics.metrics-url", "", { accepted: ["https://metrics.lan/v1"], refused: ["", 5] }],
  ["metrics.send-metrics", "", boolean],
  ["metrics.service-checks", "", { accepted: [[], ["kubelet", ""]], refused: ["kubelet", [5]] }],
  ["oci-hooks.log4j-hotpatch-enabled", "", boolean],
  [
    "network.https-proxy",
    "",
    { accepted: ["http://user:pass@proxy.lan:3128"], refused: [""], refusedBeyondSchema: ["http://"] },
  ],
  ["network.no-proxy", "", { accepted: [[], ["10.0.0.0/8", ".lan"]], refused: ["lan", ["a\nb"]] }],
];

export const platformsNames: readonly NamesRow[] = [
  [
    "oci-defaults.capabilities",
    "",
    true,
    ["sys-chroot", "audit-write", "wake-alarm"],
    ["SYS-CHROOT", "cap-sys-chroot", "net_raw", ""],
  ],
  [
    "oci-defaults.resource-limits",
    "",
    {},
    ["max-open-files", "max-stack-size"],
    ["max_open_files", "nofile", ""],
  ],
  [
    "ecs.instance-attributes",
    "",
    "x",
    ["stack", "a/b.c", "a_b-c", "a".repeat(128)],
    ["", "a b", "a:b", "a\\b", "a".repeat(129)],
  ],
];
