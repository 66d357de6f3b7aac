/** aws, ecs, autoscaling, cloudformation, container-runtime, metrics, oci-hooks, oci-defaults: specification "settings" 6.7, 7 and 13. */
import { describe, expect, test } from "bun:test";
import type { Json } from "../source.ts";
import { groups } from "./index.ts";
import { brokenRules, describeNames, describeSettings, type SettingRow } from "./testing.ts";

const boolean = { accepted: [true, false], refused: ["true", 0] };
const singleLine = { accepted: ["", "eu-west-1"], refused: ["a\nb", 5] };
const base64 = { accepted: ["", "aG9zdA=="], refused: ["not base64!", 5] };
const signed32 = {
  accepted: [-1, 0, 2_147_483_647, -2_147_483_648],
  refused: [2_147_483_648, -2_147_483_649, "5"],
};
const signed64 = { accepted: [-5, 0, Number.MAX_SAFE_INTEGER], refused: [Number.MAX_SAFE_INTEGER + 1, "5"] };
const ecsDuration = {
  accepted: ["2m", "1s5us", "1s5us9ns", "1s5µs", "1h2m3s4ms5us6ns", "1.5h"],
  refused: ["1m2h", "5", "3d", "", "1ns1us", "1us1µs", 5],
};

describeSettings([
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
]);

describeNames([
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
]);

const noNames = ["stack-name", "logical-resource-id"].map(
  (name) => `settings.cloudformation.${name}: it is empty, but should-signal is true`,
);
test("there is a setting for each of the 41 capabilities and 16 limits", () => {
  const { capabilities, "resource-limits": limits } = groups["oci-defaults"].members;
  expect(capabilities.names.schema.enum).toHaveLength(41);
  expect(limits.names.schema.enum).toHaveLength(16);
});

const limitRules: [situation: string, limit: Json, broken: readonly string[]][] = [
  ["both limits", { "hard-limit": 2, "soft-limit": 2 }, []],
  ["only one of them", { "hard-limit": 2 }, ["soft-limit: missing"]],
  ["only the other", { "soft-limit": 2 }, ["hard-limit: missing"]],
  [
    "a soft limit above the hard one",
    { "hard-limit": 2, "soft-limit": 3 },
    ["soft-limit: it is 3, and hard-limit is 2"],
  ],
  [
    "no soft limit with a hard one",
    { "hard-limit": 2, "soft-limit": "unlimited" },
    ["soft-limit: it is unlimited, and hard-limit is 2"],
  ],
  ["no limit at all", { "hard-limit": -1, "soft-limit": -1 }, []],
  ["a soft limit without a hard one", { "hard-limit": -1, "soft-limit": 3 }, []],
];
describe("rules between the two limits of a resource", () => {
  for (const [situation, limit, broken] of limitRules) {
    test(situation, () => {
      const document = { "oci-defaults": { "resource-limits": { "max-open-files": limit } } };
      const at = "settings.oci-defaults.resource-limits.max-open-files.";
      expect(brokenRules(document)).toEqual(broken.map((problem) => `${at}${problem}`));
    });
  }
});

const rules: [situation: string, cloudformation: Json, broken: readonly string[]][] = [
  ["a signal for nobody", { "should-signal": true }, noNames],
  [
    "a signal with empty names, which are the defaults",
    { "should-signal": true, "stack-name": "", "logical-resource-id": "" },
    noNames,
  ],
  ["a signal with both names", { "should-signal": true, "stack-name": "a", "logical-resource-id": "b" }, []],
  ["no signal", { "should-signal": false, "stack-name": "" }, []],
];
describe("rules between the settings", () => {
  for (const [situation, cloudformation, broken] of rules) {
    test(situation, () => expect(brokenRules({ cloudformation })).toEqual(broken));
  }
});
