/** What the settings of `kubernetes` take and refuse: specification "settings" 6.6 and 7.3. */
import type { NamesRow, SettingRow } from "./testing.ts";

const base64 = {
  accepted: ["", "aG9zdA==", "aG9zdA", "aGk="],
  refused: ["not base64!", "aGk=\n", "a", "aGl=", 5],
};
const boolean = { accepted: [true, false], refused: ["true", 0] };
const signed32 = {
  accepted: [-5, 0, 2_147_483_647, -2_147_483_648],
  refused: [2_147_483_648, -2_147_483_649, "5", 5.5],
};
const quantity = {
  accepted: ["500m", "1", "2e3", "1Gi", "2Gi", "1.5", "12e6", "+3k", "-1", "1M", "7n", "7u"],
  // The last ones are taken by the reference, and the kubelet does not start with them.
  refused: ["", "12ki", "1e-3", "1E3", "10%", "1Kii", "5 Gi", "Gi", 5, "...", "1.2.3", "1e", "12K"],
};
const percent = {
  accepted: ["85", "0", "100", "+5", "007", 85, 0, 100],
  refused: ["101", "-1", "85%", "", " 85", "8.5", 101, -1, 8.5, true, null],
};

export const kubernetesSettings: readonly SettingRow[] = [
  [
    "kubernetes.cluster-name",
    "Check 4",
    {
      accepted: ["prod-1", "a", "A.b_c", "a".repeat(63)],
      refused: ["", "-a", "a-", "a".repeat(64), "a b", "a/b", 5],
    },
  ],
  ["kubernetes.cluster-certificate", "", base64],
  [
    "kubernetes.api-server",
    "",
    {
      accepted: ["https://api.lan:6443", "api.lan"],
      refused: ["", " api.lan"],
      refusedBeyondSchema: ["two words"],
    },
  ],
  ["kubernetes.authentication-mode", "", { accepted: ["aws", "tls"], refused: ["AWS", "", "token"] }],
  [
    "kubernetes.bootstrap-token",
    "Check 22",
    {
      accepted: ["abc123.0123456789abcdef"],
      refused: [
        "ABC123.0123456789abcdef",
        "abc12.0123456789abcdef",
        "abc123.0123456789abcde",
        "abc123-0123456789abcdef",
        "",
      ],
    },
  ],
  ["kubernetes.standalone-mode", "", boolean],
  ["kubernetes.server-tls-bootstrap", "", boolean],
  ["kubernetes.server-certificate", "", base64],
  ["kubernetes.server-key", "", base64],
  [
    "kubernetes.cloud-provider",
    "Check 13",
    {
      accepted: ["aws", "external", '""'],
      converted: [["", '""']],
      refused: ["gcp", "none", "AWS", '"'],
    },
  ],
  ["kubernetes.provider-id", "", { accepted: ["aws:///eu-west-1a/i-0abc"], refused: [""] }],
  [
    "kubernetes.cluster-dns-ip",
    "Check 7",
    {
      accepted: ["10.96.0.10", ["10.96.0.10"], []],
      converted: [
        [
          ["10.96.0.10", "fd00:0:0::a"],
          ["10.96.0.10", "fd00::a"],
        ],
        ["FD00::A", "fd00::a"],
      ],
      refused: [5, { a: 1 }, [5], true],
      refusedBeyondSchema: ["x", ["x"], "10.96.0.0/16"],
    },
  ],
  [
    "kubernetes.cluster-domain",
    "Check 26",
    {
      accepted: ["cluster.local", "Corp.Example", "a"],
      refused: [".local", "a b", "", "a/b", "[2001:db8::1]", "a%b", "a:b", "a\n"],
      refusedBeyondSchema: ["192.0.2.1", "a.5", "7"],
    },
  ],
  ["kubernetes.node-ip", "", { accepted: ["192.0.2.9"], refused: [5], refusedBeyondSchema: ["node.lan"] }],
  [
    "kubernetes.node-labels.zone",
    "Check 14",
    {
      accepted: ["", "v1.2_x", "a".repeat(63)],
      refused: [".a", "a-", "-a", "a".repeat(64), "a b", 5, true, null],
    },
  ],
  [
    "kubernetes.node-taints.gpu",
    "Check 8",
    {
      accepted: [["yes:NoSchedule"], ["a:NoSchedule", ":NoExecute"]],
      converted: [
        ["yes:NoSchedule", ["yes:NoSchedule"]],
        [":NoExecute", [":NoExecute"]],
        ["x:Anything", ["x:Anything"]],
        [`a:${"b".repeat(253)}`, [`a:${"b".repeat(253)}`]],
      ],
      refused: [
        [],
        7,
        ["yes"],
        null,
        {},
        "gpu",
        "gpu:",
        ":",
        "-a:NoSchedule",
        "a:No-Schedule",
        [5],
        `a:${"b".repeat(254)}`,
      ],
    },
  ],
  [
    "kubernetes.max-pods",
    "Check 21",
    { accepted: [0, 110, 4_294_967_295], refused: [-1, 4_294_967_296, "110", 5.5] },
  ],
  [
    "kubernetes.pod-infra-container-image",
    "",
    { accepted: ["registry.lan/pause:3.5"], refused: ["a\nb", 5] },
  ],
  [
    'kubernetes.eviction-hard."memory.available"',
    "Check 17",
    {
      accepted: ["99.9%", "12%", "0%", "00.5%", ".5%", "200Mi"],
      refused: ["100%", "-1%", "%", "x%", "", "99.9.9%", 12],
    },
  ],
  ["kubernetes.kube-reserved.ephemeral-storage", "", quantity],
  ["kubernetes.system-reserved.cpu", "Check 18", quantity],
  [
    "kubernetes.pod-pids-limit",
    "",
    {
      accepted: [-5, 0, 1024, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
      refused: [Number.MAX_SAFE_INTEGER + 1, Number.MIN_SAFE_INTEGER - 1, "5", 5.5],
    },
  ],
  ["kubernetes.cpu-manager-policy", "", { accepted: ["none", "static"], refused: ["Static", ""] }],
  [
    "kubernetes.cpu-manager-reconcile-period",
    "Check 19",
    {
      accepted: ["1h2m3s4ms", "90s", "1.5h30m", "250ms", "0s"],
      refused: ["1m1h", "10", "5us", "", "90", "10ns", ".5s", "-5s", "1d", "1s1s", 5],
    },
  ],
  ["kubernetes.topology-manager-scope", "", { accepted: ["container", "pod"], refused: ["node", ""] }],
  [
    "kubernetes.topology-manager-policy",
    "",
    {
      accepted: ["none", "restricted", "best-effort", "single-numa-node"],
      refused: ["best_effort", ""],
    },
  ],
  ["kubernetes.allowed-unsafe-sysctls", "", { accepted: [[], ["net.*"]], refused: ["net.*", ["a\nb"], [5]] }],
  ...[
    "registry-qps",
    "registry-burst",
    "event-qps",
    "event-burst",
    "kube-api-qps",
    "kube-api-burst",
    "container-log-max-files",
  ].map((name): SettingRow => [`kubernetes.${name}`, "Check 21", signed32]),
  ["kubernetes.container-log-max-size", "", quantity],
  [
    "kubernetes.image-gc-high-threshold-percent",
    "Check 20; a number too, as later releases of the reference",
    { ...percent, refused: percent.refused.filter((value) => value !== null) },
  ],
  ["kubernetes.image-gc-low-threshold-percent", "", { accepted: percent.accepted }],
  ["kubernetes.log-level", "Check 21", { accepted: [0, 255], refused: [256, -1, "2"] }],
  ["kubernetes.static-pods.web.enabled", "", boolean],
  ["kubernetes.static-pods.web.manifest", "", base64],
  ["kubernetes.credential-providers.p.enabled", "", boolean],
  [
    "kubernetes.credential-providers.p.image-patterns",
    "",
    { accepted: [[], ["*.lan"]], refused: ["*.lan", [5]] },
  ],
  ["kubernetes.credential-providers.p.cache-duration", "", { accepted: ["12h"], refused: ["12", ""] }],
];

export const kubernetesNames: readonly NamesRow[] = [
  [
    "kubernetes.node-labels",
    "Check 14",
    "x",
    ["zone", "example.io/a", "A_b.c", "a".repeat(63), `${"p".repeat(200)}/a`, "..X/a"],
    ["a/b/c", "-a", "a.", "/a", "a/", "a".repeat(64), `${"p".repeat(254)}/a`, "", "a b"],
  ],
  ["kubernetes.node-taints", "", "x:y", ["dedicated", "example.io/a"], ["a/b/c", ""]],
  [
    "kubernetes.eviction-hard",
    "Check 17",
    "1%",
    [
      "memory.available",
      "nodefs.available",
      "nodefs.inodesFree",
      "imagefs.available",
      "imagefs.inodesFree",
      "pid.available",
    ],
    ["memory.free", "Memory.available", ""],
  ],
  ["kubernetes.kube-reserved", "Check 18", "1", ["cpu", "memory", "ephemeral-storage"], ["pid", "CPU", ""]],
  ["kubernetes.system-reserved", "Check 18", "1", ["cpu", "memory", "ephemeral-storage"], ["pid", "CPU", ""]],
  ["kubernetes.static-pods", "", {}, ["web-1", "a".repeat(76)], ["a_b", "a.b", "a".repeat(77), ""]],
  ["kubernetes.credential-providers", "", {}, ["ecr-credential-provider"], ["a_b", ""]],
];
