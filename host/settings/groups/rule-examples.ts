/** Documents that keep the rules between settings and documents that break them (specification "settings" 4.10, 12.2). */
import type { Json } from "../source.ts";

/** A row: the situation, the inside of `settings`, and what is broken, each as key and problem. */
export type RuleRow = readonly [
  situation: string,
  document: { readonly [group: string]: Json },
  broken: readonly string[],
];

const kubernetes = (
  rows: readonly (readonly [string, { readonly [name: string]: Json }, readonly string[]])[],
): readonly RuleRow[] =>
  rows.map(
    ([situation, settings, broken]): RuleRow => [
      situation,
      { kubernetes: settings },
      broken.map((problem) => `settings.kubernetes.${problem}`),
    ],
  );

const joining = { "authentication-mode": "tls", "api-server": "https://api.lan:6443" };
const token = "abc123.0123456789abcdef";
const noToken = ["bootstrap-token: missing, but api-server is set and authentication-mode is tls"];

const kubernetesRules = kubernetes([
  [
    "image thresholds in order",
    { "image-gc-high-threshold-percent": "85", "image-gc-low-threshold-percent": 84 },
    [],
  ],
  [
    "equal image thresholds",
    { "image-gc-high-threshold-percent": 85, "image-gc-low-threshold-percent": "85" },
    ["image-gc-low-threshold-percent: it is 85, and image-gc-high-threshold-percent is 85"],
  ],
  [
    "a high image threshold at the kubelet's low one",
    { "image-gc-high-threshold-percent": "80" },
    ["image-gc-low-threshold-percent: it is 80, and image-gc-high-threshold-percent is 80"],
  ],
  ["a low image threshold just below the kubelet's high one", { "image-gc-low-threshold-percent": "84" }, []],
  ["an API server without its scheme", { "api-server": "api.lan:6443" }, ["api-server: it has no scheme"]],
  ["an API server with its scheme", { "api-server": "https://api.lan:6443" }, []],
  ["TLS without a cluster to join, the default of some variants", { "authentication-mode": "tls" }, []],
  ["TLS and a cluster without a token", joining, noToken],
  ["TLS, a cluster and a token", { ...joining, "bootstrap-token": token }, []],
  ["TLS and a cluster, but standalone", { ...joining, "standalone-mode": true }, []],
  ["TLS and a cluster, expressly not standalone", { ...joining, "standalone-mode": false }, noToken],
  [
    "a cluster that is joined with an AWS identity",
    { "authentication-mode": "aws", "api-server": "https://api.lan" },
    [],
  ],
  [
    "the three effects of taints",
    { "node-taints": { a: ["x:NoSchedule", ":PreferNoSchedule"], b: "x:NoExecute" } },
    [],
  ],
  [
    "other effects of taints",
    { "node-taints": { "example.com/a": ["x:noSchedule", "x:NoExecute", ":Anything"], b: "x:NoSchedul" } },
    [
      'node-taints.b: the effect "NoSchedul" is not known',
      'node-taints."example.com/a": the effect "noSchedule" is not known',
      'node-taints."example.com/a": the effect "Anything" is not known',
    ],
  ],
  [
    "a static pod that is enabled without a manifest",
    { "static-pods": { web: { enabled: true } } },
    ["static-pods.web.manifest: missing, but enabled is true"],
  ],
  [
    "a static pod that nobody enabled or disabled",
    { "static-pods": { web: { manifest: "aGk=" } } },
    ["static-pods.web.enabled: missing, but manifest is set"],
  ],
  [
    "static pods that are whole or not enabled",
    { "static-pods": { web: { enabled: false }, next: { enabled: true, manifest: "aGk=" } } },
    [],
  ],
  [
    "settings Check 29: a credential provider without image patterns",
    { "credential-providers": { p: { enabled: true } } },
    ["credential-providers.p.image-patterns: missing"],
  ],
  [
    "a credential provider that nobody enabled or disabled",
    { "credential-providers": { p: { "image-patterns": [] } } },
    ["credential-providers.p.enabled: missing"],
  ],
  [
    "a whole credential provider",
    { "credential-providers": { p: { enabled: false, "image-patterns": [] } } },
    [],
  ],
]);

const containerRules: readonly RuleRow[] = [
  [
    "host containers without a source",
    {
      "host-containers": {
        a: { enabled: true },
        b: { enabled: false, superpowered: true },
        c: { "user-data": "" },
      },
    },
    [
      "settings.host-containers.a.source: missing, but enabled is set",
      "settings.host-containers.b.source: missing, but enabled and superpowered are set",
      "settings.host-containers.c.source: missing, but user-data is set",
    ],
  ],
  [
    "host containers with a source",
    { "host-containers": { a: { source: "a:v1" }, b: { source: "b:v1", enabled: true } } },
    [],
  ],
  ["a host container of which nothing is set", { "host-containers": { a: {} } }, []],
  [
    "bootstrap containers without a source",
    { "bootstrap-containers": { a: { mode: "once" }, b: { essential: true } } },
    [
      "settings.bootstrap-containers.a.source: missing, but mode is set",
      "settings.bootstrap-containers.b.source: missing, but essential is set",
    ],
  ],
  [
    "bootstrap containers with a source",
    { "bootstrap-containers": { a: { source: "a:v1" }, b: { source: "b:v1", mode: "always" } } },
    [],
  ],
  [
    "mirrors and credentials without what files need of them",
    {
      "container-registry": {
        mirrors: [{ registry: "a" }, { endpoint: [] }],
        credentials: [{}, { registry: "a" }],
      },
    },
    [
      "settings.container-registry.mirrors: item 1 has no endpoint",
      "settings.container-registry.mirrors: item 2 has no registry",
      "settings.container-registry.credentials: item 1 has no registry",
    ],
  ],
  [
    "mirrors and credentials of registries",
    {
      "container-registry": {
        mirrors: [{ registry: "a", endpoint: ["b"] }],
        credentials: [{ registry: "a" }],
      },
    },
    [],
  ],
];

const noNames = ["stack-name", "logical-resource-id"].map(
  (name) => `settings.cloudformation.${name}: it is empty, but should-signal is true`,
);
const names = { "stack-name": "a", "logical-resource-id": "b" };

const signalRules: readonly RuleRow[] = [
  ["a signal for nobody", { cloudformation: { "should-signal": true } }, noNames],
  [
    "a signal with empty names, which are the defaults",
    { cloudformation: { "should-signal": true, "stack-name": "", "logical-resource-id": "" } },
    noNames,
  ],
  ["a signal with both names", { cloudformation: { "should-signal": true, ...names } }, []],
  ["no signal", { cloudformation: { "should-signal": false, "stack-name": "" } }, []],
];

const limits: readonly (readonly [string, Json, readonly string[]])[] = [
  ["both limits of a resource", { "hard-limit": 2, "soft-limit": 2 }, []],
  ["only one limit of a resource", { "hard-limit": 2 }, ["soft-limit: missing"]],
  ["only the other limit of a resource", { "soft-limit": 2 }, ["hard-limit: missing"]],
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
  ["no limit of a resource at all", { "hard-limit": -1, "soft-limit": -1 }, []],
  ["a soft limit without a hard one", { "hard-limit": -1, "soft-limit": 3 }, []],
];
const limitRules = limits.map(
  ([situation, limit, broken]): RuleRow => [
    situation,
    { "oci-defaults": { "resource-limits": { "max-open-files": limit } } },
    broken.map((problem) => `settings.oci-defaults.resource-limits.max-open-files.${problem}`),
  ],
);

const checkKey = "settings.updates.health.container-checks.agent";
const checks: readonly (readonly [string, Json, readonly string[]])[] = [
  ["a whole check in a container", { container: "admin", command: ["true"] }, []],
  ["a check without a container", { command: ["true"] }, ["container: missing, but command is set"]],
  ["a check without a command", { container: "admin" }, ["command: missing, but container is set"]],
];
const checkRules = checks.map(
  ([situation, agent, broken]): RuleRow => [
    situation,
    { updates: { health: { "container-checks": { agent } } } },
    broken.map((problem) => `${checkKey}.${problem}`),
  ],
);

export const ruleExamples: readonly RuleRow[] = [
  ...kubernetesRules,
  ...containerRules,
  ...signalRules,
  ...limitRules,
  ...checkRules,
];
