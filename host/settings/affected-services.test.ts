/** Which services a change affects in each family of variants (specification "settings" 9.1 to 9.3, Check 35). */
import { describe, expect, test } from "bun:test";
import { parseKey } from "./keys.ts";
import type { ServiceName } from "./services.ts";
import { shippedModel } from "./testing.ts";

const models = {
  kubernetes: await shippedModel("aws-k8s-1.24"),
  vmware: await shippedModel("vmware-k8s-1.24"),
  metal: await shippedModel("metal-k8s-1.21"),
  ecs: await shippedModel("aws-ecs-1"),
  dev: await shippedModel("aws-dev"),
  base: await shippedModel("metal-base"),
};

function affectedIn(family: keyof typeof models, text: string): readonly string[] {
  const key = parseKey(`settings.${text}`);
  return key.ok ? (models[family].affectedServices(key.key) ?? []) : [];
}

const same = (...services: ServiceName[]) => [services, services, services] as const;
const registries: readonly ServiceName[] = ["host-containers", "bootstrap-containers"];
const network: readonly ServiceName[] = ["host-containerd", "host-containers", "updog"];

type Row = [key: string, kubernetes: readonly string[], ecs: readonly string[], dev: readonly string[]];

const declared: Row[] = [
  ["motd", ...same("motd")],
  ["updates.targets-base-url", ...same("updog")],
  ["host-containers.admin.enabled", ...same("host-containers")],
  ["bootstrap-containers.a.mode", ...same("bootstrap-containers")],
  ["ntp.time-servers", ...same("ntp")],
  ["dns.search-list", ...same("dns")],
  ["network.hostname", ...same("hostname", "hosts")],
  ["network.hosts", ...same("hosts")],
  ["kernel.sysctl.a", ...same("sysctl")],
  ["kernel.modules.a.allowed", ...same("kernel-modules")],
  ["kernel.lockdown", ...same("lockdown")],
  ["pki.a.data", ["pki", "containerd"], ["pki", "docker"], ["pki", "docker"]],
  ["oci-hooks.log4j-hotpatch-enabled", ...same("oci-hooks")],
  [
    "container-registry.mirrors",
    ["containerd", ...registries],
    ["docker", ...registries],
    ["docker", ...registries],
  ],
  ["container-registry.credentials", ["containerd", ...registries], ["ecs", ...registries], registries],
  ["container-runtime.max-concurrent-downloads", ["containerd"], [], []],
  ["kubernetes.max-pods", ["kubernetes"], [], []],
  ["kubernetes.static-pods.a.enabled", ["static-pods"], [], []],
  ["kubernetes.pod-infra-container-image", ["kubernetes", "containerd"], [], []],
  ["aws.config", ["aws"], [], []],
  ["ecs.cluster", [], ["ecs"], []],
  ["cloudformation.stack-name", ...same("cfsignal")],
  ["boot.kernel.quiet", ["bootconfig"], [], ["bootconfig"]],
];

/** What the reference renders and does not refresh (9.2), for the proxy updog. The hostname stays so: a node keeps its name in its cluster. */
const filledGaps: Row[] = [
  ["metrics.send-metrics", ...same("metricdog")],
  ["updates.seed", ...same("updog", "metricdog")],
  ["updates.version-lock", ...same("updog", "metricdog")],
  ["updates.ignore-waves", ...same("updog", "metricdog")],
  [
    "network.https-proxy",
    ["containerd", "kubernetes", ...network],
    ["containerd", "docker", "ecs", ...network],
    ["containerd", "docker", ...network],
  ],
  ["aws.profile", ["aws", "kubernetes"], [], []],
  ["aws.region", ["aws", "kubernetes", "metricdog"], ["metricdog"], ["metricdog"]],
  ["kubernetes.api-server", ["kubernetes", "containerd", "host-containerd"], [], []],
  ["kubernetes.cluster-domain", ["kubernetes", "containerd", "host-containerd"], [], []],
  ["autoscaling.should-wait", [], ["ecs"], []],
];

function check(rows: readonly Row[]): void {
  for (const [key, kubernetes, ecs, dev] of rows) {
    test(key, () => {
      expect({
        kubernetes: affectedIn("kubernetes", key),
        ecs: affectedIn("ecs", key),
        dev: affectedIn("dev", key),
      }).toEqual({ kubernetes, ecs, dev });
    });
  }
}

describe("settings Check 35: a change affects, in variants with Kubernetes, with ECS, and for development", () =>
  check(declared));

describe("on metal-base, where nothing but host containers and its own containerd pulls or reads", () => {
  const rows: [key: string, services: readonly ServiceName[]][] = [
    ["pki.a.data", ["pki"]],
    ["container-registry.mirrors", registries],
    ["container-registry.credentials", registries],
    ["host-containers.admin.enabled", ["host-containers"]],
    ["network.https-proxy", ["containerd", ...network]],
    ["boot.kernel.quiet", ["bootconfig"]],
  ];
  for (const [key, services] of rows) {
    test(`${key} affects ${services.join(", ")}`, () => expect(affectedIn("base", key)).toEqual(services));
  }
});

describe("what the reference forgot is affected", () => {
  check(filledGaps);

  test("containerd by the pause image, outside AWS too", () => {
    const key = "kubernetes.pod-infra-container-image";
    expect(affectedIn("vmware", key)).toEqual(["kubernetes", "containerd"]);
    expect(affectedIn("metal", key)).toEqual(["kubernetes", "containerd"]);
  });
});
