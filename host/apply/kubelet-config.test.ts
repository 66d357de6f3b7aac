/** /etc/kubernetes/kubelet/config, whole, for every version of Kubernetes (specification "rendered-config" 7.1). */
import { describe, expect, test } from "bun:test";
import { readers, render } from "./testing-templates.ts";

const needed = { "cluster-domain": "cluster.local", "server-tls-bootstrap": true };

/** The file's content for settings beside those that it needs; `{ [name]: undefined }` takes one of them away. */
function config(minor: number, kubernetes: object = {}, cpuCount = 2): { readonly [key: string]: unknown } {
  const settings = { kubernetes: { ...needed, ...kubernetes } };
  const text = render("kubelet-config", "yaml", settings, { variant: `aws-k8s-1.${minor}`, cpuCount });
  return readers.yaml(text) as { [key: string]: unknown };
}

const versions = [21, 22, 23, 24] as const;
const featureGates = {
  21: { RotateKubeletServerCertificate: true, CSIMigration: false, KubeletCredentialProviders: true },
  22: { RotateKubeletServerCertificate: true, CSIMigration: false, KubeletCredentialProviders: true },
  23: {
    RotateKubeletServerCertificate: true,
    CSIMigration: true,
    CSIMigrationAWS: true,
    CSIMigrationvSphere: true,
    KubeletCredentialProviders: true,
  },
  24: {
    RotateKubeletServerCertificate: true,
    CSIMigration: true,
    CSIMigrationAWS: true,
    CSIMigrationvSphere: true,
  },
} as const;

/** What every file has, whatever is set, in the order of the table. */
const fixed = {
  kind: "KubeletConfiguration",
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  address: "0.0.0.0",
  authentication: {
    anonymous: { enabled: false },
    webhook: { cacheTTL: "2m0s", enabled: true },
    x509: { clientCAFile: "/etc/kubernetes/pki/ca.crt" },
  },
  authorization: {
    mode: "Webhook",
    webhook: { cacheAuthorizedTTL: "5m0s", cacheUnauthorizedTTL: "30s" },
  },
  clusterDomain: "cluster.local",
  kubeReservedCgroup: "/runtime",
  cpuManagerPolicy: "none",
  resolvConf: "/etc/resolv.conf",
  hairpinMode: "hairpin-veth",
  readOnlyPort: 0,
  cgroupDriver: "systemd",
  cgroupRoot: "/",
  runtimeRequestTimeout: "15m",
  protectKernelDefaults: true,
  serializeImagePulls: false,
  serverTLSBootstrap: true,
  tlsCipherSuites: ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"],
  volumePluginDir: "/var/lib/kubelet/plugins/volume/exec",
  maxPods: 110,
  staticPodPath: "/etc/kubernetes/static-pods/",
};

describe("the kubelet's configuration", () => {
  for (const minor of versions) {
    test(`Check 16, Check 19, Check 20: of 1.${minor} with nothing set is this`, () => {
      expect(config(minor)).toEqual({
        ...fixed,
        ...(minor === 21 ? {} : { kubeAPIQPS: 10, kubeAPIBurst: 20 }),
        kubeReserved: { cpu: "70m", "ephemeral-storage": "1Gi" },
        featureGates: featureGates[minor],
      });
    });

    test(`of 1.${minor} with everything set is this`, () => {
      const everything = {
        "cluster-dns-ip": ["10.96.0.10", "fd00::a"],
        "eviction-hard": { "nodefs.available": "10%", "memory.available": "200Mi" },
        "allowed-unsafe-sysctls": ["net.core.somaxconn", "net.ipv4.*"],
        "registry-qps": 10,
        "registry-burst": 20,
        "event-qps": 11,
        "event-burst": 21,
        "kube-api-qps": 12,
        "kube-api-burst": 22,
        "kube-reserved": { cpu: "1", memory: "1Gi", "ephemeral-storage": "2Gi" },
        "system-reserved": { memory: "256Mi", cpu: "100m" },
        "cpu-manager-policy": "static",
        "cpu-manager-reconcile-period": "10s",
        "topology-manager-scope": "pod",
        "topology-manager-policy": "best-effort",
        "pod-pids-limit": -1,
        "image-gc-high-threshold-percent": "85",
        "image-gc-low-threshold-percent": "80",
        "provider-id": "aws:///eu-west-1a/i-0abc",
        "server-certificate": "YQ==",
        "server-key": "YQ==",
        "max-pods": 29,
        "container-log-max-size": "10Mi",
        "container-log-max-files": 5,
      };
      const { serverTLSBootstrap: _, ...others } = fixed;
      expect(config(minor, everything)).toEqual({
        ...others,
        clusterDNS: ["10.96.0.10", "fd00::a"],
        evictionHard: { "memory.available": "200Mi", "nodefs.available": "10%" },
        allowedUnsafeSysctls: ["net.core.somaxconn", "net.ipv4.*"],
        registryPullQPS: 10,
        registryBurst: 20,
        eventRecordQPS: 11,
        eventBurst: 21,
        kubeAPIQPS: 12,
        kubeAPIBurst: 22,
        kubeReserved: { cpu: "1", memory: "1Gi", "ephemeral-storage": "2Gi" },
        systemReserved: { cpu: "100m", memory: "256Mi" },
        systemReservedCgroup: "/system",
        cpuManagerPolicy: "static",
        cpuManagerReconcilePeriod: "10s",
        topologyManagerScope: "pod",
        topologyManagerPolicy: "best-effort",
        podPidsLimit: -1,
        imageGCHighThresholdPercent: 85,
        imageGCLowThresholdPercent: 80,
        providerID: "aws:///eu-west-1a/i-0abc",
        featureGates: featureGates[minor],
        tlsCertFile: "/etc/kubernetes/pki/kubelet-server.crt",
        tlsPrivateKeyFile: "/etc/kubernetes/pki/kubelet-server.key",
        maxPods: 29,
        containerLogMaxSize: "10Mi",
        containerLogMaxFiles: 5,
      });
    });
  }

  test("Check 21: of a node that stands alone asks nobody who may do what", () => {
    expect(config(24, { "standalone-mode": true })).toMatchObject({
      address: "127.0.0.1",
      authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
      authorization: { mode: "AlwaysAllow" },
    });
    expect(Object.keys(config(24, { "standalone-mode": true }).authentication as object)).toEqual([
      "anonymous",
      "webhook",
    ]);
  });
  test("lists thresholds and resources by name", () => {
    const settings = {
      kubernetes: { ...needed, "eviction-hard": { "pid.available": "1%", "imagefs.available": "2%" } },
    };
    const text = render("kubelet-config", "yaml", settings, { variant: "metal-k8s-1.24" });
    expect(text).toContain('evictionHard:\n  imagefs.available: "2%"\n  pid.available: "1%"\n');
  });
});

describe("of the kubelet's numbers", () => {
  const table: [situation: string, minor: number, set: object, expected: object][] = [
    ["Check 18: 0 counts", 24, { "registry-qps": 0 }, { registryPullQPS: 0 }],
    [
      "0 counts for all others too",
      21,
      {
        "registry-burst": 0,
        "event-qps": 0,
        "event-burst": 0,
        "kube-api-qps": 0,
        "kube-api-burst": 0,
        "pod-pids-limit": 0,
        "container-log-max-files": 0,
        "image-gc-high-threshold-percent": "0",
        "image-gc-low-threshold-percent": 0,
      },
      {
        registryBurst: 0,
        eventRecordQPS: 0,
        eventBurst: 0,
        kubeAPIQPS: 0,
        kubeAPIBurst: 0,
        podPidsLimit: 0,
        containerLogMaxFiles: 0,
        imageGCHighThresholdPercent: 0,
        imageGCLowThresholdPercent: 0,
      },
    ],
    ["0 is no default from 1.22 on", 22, { "kube-api-qps": 0 }, { kubeAPIQPS: 0, kubeAPIBurst: 20 }],
    [
      "Check 16: the memory that is kept follows the pods",
      24,
      { "max-pods": 29 },
      { kubeReserved: { cpu: "70m", memory: "574Mi", "ephemeral-storage": "1Gi" }, maxPods: 29 },
    ],
    [
      "Check 17: unless it is set",
      24,
      { "max-pods": 29, "kube-reserved": { memory: "1Gi" } },
      { kubeReserved: { cpu: "70m", memory: "1Gi", "ephemeral-storage": "1Gi" } },
    ],
    [
      "memory can be set without pods",
      24,
      { "kube-reserved": { memory: "1Gi" } },
      { kubeReserved: { cpu: "70m", memory: "1Gi", "ephemeral-storage": "1Gi" }, maxPods: 110 },
    ],
    [
      "no pods are as unset for the memory",
      24,
      { "max-pods": 0 },
      { kubeReserved: { cpu: "70m", "ephemeral-storage": "1Gi" }, maxPods: 0 },
    ],
    [
      "Check 24: one DNS address is a list of one",
      24,
      { "cluster-dns-ip": "10.0.0.10" },
      { clusterDNS: ["10.0.0.10"] },
    ],
    [
      "Check 24: and so is a list of one",
      24,
      { "cluster-dns-ip": ["10.0.0.10"] },
      { clusterDNS: ["10.0.0.10"] },
    ],
    [
      "Check 29: a certificate without its key is not used",
      24,
      { "server-certificate": "YQ==" },
      { serverTLSBootstrap: true },
    ],
  ];
  for (const [situation, minor, set, expected] of table) {
    test(situation, () => expect(config(minor, set)).toMatchObject(expected));
  }
  test("Check 24: no DNS address is no list", () => {
    expect(config(24, { "cluster-dns-ip": [] })).not.toHaveProperty("clusterDNS");
  });
  test("Check 29: with certificate and key the cluster signs none", () => {
    const content = config(24, { "server-certificate": "YQ==", "server-key": "YQ==" });
    expect(content).not.toHaveProperty("serverTLSBootstrap");
    expect(content).toHaveProperty("tlsCertFile");
    expect(config(24, { "server-certificate": "YQ==" })).not.toHaveProperty("tlsCertFile");
  });
  test("Check 15: the CPU that is kept follows the host's", () => {
    for (const [count, cpu] of [
      [1, "60m"],
      [4, "80m"],
      [48, "190m"],
    ] as const)
      expect(config(24, {}, count)).toMatchObject({ kubeReserved: { cpu } });
  });
});

describe("the kubelet's configuration is an error", () => {
  const table: [situation: string, set: object, message: string][] = [
    [
      "without the cluster's domain",
      { "cluster-domain": undefined },
      "undefined variable: settings.kubernetes.cluster-domain",
    ],
    [
      "without server-tls-bootstrap where it is needed",
      { "server-tls-bootstrap": undefined },
      "undefined variable: settings.kubernetes.server-tls-bootstrap",
    ],
  ];
  for (const [situation, set, message] of table) {
    test(situation, () => expect(() => config(24, set)).toThrow(message));
  }
});
