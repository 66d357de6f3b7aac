/** What is live after a first boot, in every variant (specification "settings" 7 and 8.3). */
import { describe, expect, test } from "bun:test";
import { ExampleApi } from "../api/testing.ts";
import type { CallApi } from "../apply/index.ts";
import { log } from "../linux/log.ts";
import type { Json } from "../settings/index.ts";
import { shippedModel, variantsLike } from "../settings/testing.ts";
import { commitTransaction } from "./commit-step.ts";
import type { GeneratorOutput } from "./generators.ts";
import { generateSettings } from "./generators-step.ts";

/** What stands in for each generator of section 8.2. */
const generators: Readonly<Record<string, Json>> = {
  "bork seed": 812,
  "netdog generate-hostname": "node-1.example",
  "netdog node-ip": "192.0.2.1",
  "pluto node-ip": "192.0.2.2",
  "pluto cluster-dns-ip": "10.100.0.10",
  "pluto max-pods": 58,
  "shibaken generate-admin-userdata": "e30=",
  "shibaken is-partition --partition aws --partition aws-us-gov": true,
  "schnauzer settings.updates.metadata-base-url": "https://m.example/",
  "schnauzer settings.updates.targets-base-url": "https://t.example/",
  "schnauzer settings.host-containers.admin.source": "r.example/admin:v1",
  "schnauzer settings.host-containers.control.source": "r.example/control:v1",
  "schnauzer settings.kubernetes.pod-infra-container-image": "r.example/pause:v1",
  "/usr/bin/prairiedog generate-boot-settings": { kernel: { console: ["ttyS0"] } },
};

type Settings = Readonly<Record<string, Json>>;

const everywhere: Settings = {
  motd: "Welcome to Pinwheel!",
  "updates.metadata-base-url": "https://m.example/",
  "updates.seed": 812,
  "updates.version-lock": "latest",
  "updates.ignore-waves": false,
  "network.hostname": "node-1.example",
  "metrics.metrics-url": "https://metrics.pinwheel.example/v1/metrics",
  "oci-hooks.log4j-hotpatch-enabled": false,
};
const aws: Settings = {
  "aws.region": "eu-west-1",
  "updates.targets-base-url": "https://t.example/",
  "ntp.time-servers": ["169.254.169.123", "2.amazon.pool.ntp.org"],
  "host-containers.admin.enabled": false,
  "host-containers.admin.superpowered": true,
  "host-containers.admin.source": "r.example/admin:v1",
  "host-containers.admin.user-data": "e30=",
  "host-containers.control.enabled": true,
  "host-containers.control.superpowered": false,
  "host-containers.control.source": "r.example/control:v1",
  "metrics.send-metrics": true,
  "cloudformation.should-signal": false,
  "cloudformation.stack-name": "",
  "cloudformation.logical-resource-id": "",
};
const outsideAws: Settings = {
  "updates.targets-base-url": "https://updates.pinwheel.example/targets/",
  "ntp.time-servers": ["2.amazon.pool.ntp.org"],
};
const boot: Settings = { "boot.kernel.console": ["ttyS0"] };
const integrity: Settings = { "kernel.lockdown": "integrity" };
const open: Settings = { "kernel.lockdown": "none" };
const checks = (...services: string[]): Settings => ({
  "metrics.service-checks": ["apiserver", "chronyd", "containerd", "host-containerd", ...services],
});

const kubernetes: Settings = {
  "aws.profile": "default",
  "kubernetes.cluster-domain": "cluster.local",
  "kubernetes.standalone-mode": false,
};
const awsKubernetes: Settings = {
  ...aws,
  ...kubernetes,
  ...checks("kubelet"),
  "kubernetes.authentication-mode": "aws",
  "kubernetes.server-tls-bootstrap": true,
  "kubernetes.cloud-provider": "aws",
  "kubernetes.node-ip": "192.0.2.2",
  "kubernetes.max-pods": 58,
  "kubernetes.cluster-dns-ip": "10.100.0.10",
  "kubernetes.pod-infra-container-image": "r.example/pause:v1",
};
const productionOutsideAws: Settings = {
  ...outsideAws,
  ...integrity,
  "metrics.send-metrics": true,
  "host-containers.admin.enabled": false,
  "host-containers.admin.superpowered": true,
  "host-containers.admin.source": "public.ecr.aws/bottlerocket/bottlerocket-admin:v0.9.3",
  "host-containers.control.enabled": false,
  "host-containers.control.superpowered": false,
  "host-containers.control.source": "public.ecr.aws/bottlerocket/bottlerocket-control:v0.6.4",
};
const kubernetesOutsideAws: Settings = {
  ...productionOutsideAws,
  ...kubernetes,
  "kubernetes.authentication-mode": "tls",
  "kubernetes.server-tls-bootstrap": false,
  "kubernetes.node-ip": "192.0.2.1",
};
const vmwareKubernetes: Settings = {
  ...kubernetesOutsideAws,
  ...checks("kubelet", "vmtoolsd"),
  "kubernetes.cloud-provider": "external",
  "kubernetes.pod-infra-container-image": "k8s.gcr.io/pause:3.2",
};
const metalKubernetes: Settings = {
  ...kubernetesOutsideAws,
  ...checks("kubelet"),
  "kubernetes.cloud-provider": '""', // Check 13: how no provider is stored and returned
  "kubernetes.pod-infra-container-image": "public.ecr.aws/eks-distro/kubernetes/pause:3.5",
};
const ecs: Settings = {
  ...aws,
  ...checks("docker", "ecs"),
  "ecs.allow-privileged-containers": false,
  "ecs.logging-drivers": ["json-file", "awslogs", "none"],
  "ecs.loglevel": "info",
  "ecs.image-pull-behavior": "default",
  "autoscaling.should-wait": false,
};
const development: Settings = { ...open, ...boot, ...checks("docker"), "metrics.send-metrics": false };

const expected: [variants: string, besidesEverywhere: Settings][] = [
  ["aws-k8s-1.{21,22}", { ...awsKubernetes, ...integrity }],
  ["aws-k8s-1.{23,24}", { ...awsKubernetes, ...integrity, ...boot }],
  ["aws-k8s-1.{21,22}-nvidia", { ...awsKubernetes, ...open }],
  ["aws-k8s-1.{23,24}-nvidia", { ...awsKubernetes, ...open, ...boot }],
  ["aws-ecs-1", { ...ecs, ...integrity }],
  ["aws-ecs-1-nvidia", { ...ecs, ...open }],
  ["vmware-k8s-1.{21,22}", vmwareKubernetes],
  ["vmware-k8s-1.{23,24}", { ...vmwareKubernetes, ...boot }],
  ["metal-k8s-1.{21,22,23,24}", { ...metalKubernetes, ...boot }],
  ["aws-dev", { ...aws, ...development }],
  ["vmware-dev", { ...outsideAws, ...development, ...checks("docker", "vmtoolsd") }],
  ["metal-dev", { ...outsideAws, ...development }],
  ["metal-base", { ...productionOutsideAws, ...boot, ...checks() }],
];

/**
 * Boots a variant for the first time and tells what is live then, by keys without "settings.".
 *
 * @param userData  what stands in it below `settings`, if there is any
 */
async function firstBoot(variant: string, userData?: Json): Promise<Settings> {
  const model = await shippedModel(variant);
  const api = new ExampleApi({}, model);
  const call: CallApi = async (method, uri, body) => {
    const { status, body: answer } = await api.ask(method, uri, body);
    return { status, body: answer };
  };
  const host = { model, call, log: log("test", "error") };
  api.pending.set("bottlerocket-launch", model.defaults);
  // Section 7.7: the region is known before the defaults are committed.
  const region = variant.startsWith("aws-") ? { aws: { region: "eu-west-1" } } : undefined;
  for (const document of [region, userData]) {
    if (document === undefined) continue;
    const answer = await call("PATCH", "/settings?tx=bottlerocket-launch", JSON.stringify(document));
    expect(answer).toMatchObject({ status: 204 });
  }
  expect(await commitTransaction(host)).toMatchObject({ outcome: "done" });
  const stand = async (command: string): Promise<GeneratorOutput> => {
    const value = generators[command];
    if (value === undefined) return { kind: "failed", reason: "no such generator", fault: "image" };
    return { kind: "value", json: JSON.stringify(value) };
  };
  expect(await generateSettings(host, stand)).toMatchObject({ outcome: "done", problems: [] });
  expect(await commitTransaction(host)).toMatchObject({ outcome: "done" });
  return Object.fromEntries([...api.live].map(([key, value]) => [key.replace(/^settings\./, ""), value]));
}

describe("settings Checks 28 and 30: live after a first boot are the defaults and what is generated, nothing else", () => {
  for (const [patterns, settings] of expected) {
    for (const variant of variantsLike(patterns)) {
      test(variant, async () => expect(await firstBoot(variant)).toEqual({ ...everywhere, ...settings }));
    }
  }

  test("settings Check 31: a list of the user data replaces the default one, and the other defaults stay", async () => {
    const defaults = await firstBoot("aws-k8s-1.24");
    expect(defaults["ntp.time-servers"]).toHaveLength(2);
    const live = await firstBoot("aws-k8s-1.24", { ntp: { "time-servers": ["192.0.2.7"] } });
    expect(live).toEqual({ ...defaults, "ntp.time-servers": ["192.0.2.7"] });
  });

  test("all 22 variants are above", () => {
    expect(new Set(expected.flatMap(([patterns]) => variantsLike(patterns))).size).toBe(22);
  });
});
