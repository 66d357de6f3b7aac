/** Services and configuration files of each variant (specification "settings" 9.3 and 9.4, "rendered-config" 5.2, 5.3). */
import { describe, expect, test } from "bun:test";
import { ownVariants, shippedModel, variantsLike } from "./testing.ts";
import { variantNames } from "./variant-sources.ts";

type Where = (variant: string) => boolean;
const all: Where = () => true;
const aws: Where = (variant) => variant.startsWith("aws-");
const kubernetes: Where = (variant) => variant.includes("-k8s-");
const ecs: Where = (variant) => variant.includes("-ecs-");
const docker: Where = (variant) => ecs(variant) || variant.endsWith("-dev");
const isOneOf =
  (patterns: string): Where =>
  (variant) =>
    variantsLike(patterns).includes(variant);
const withoutKubernetes: Where = (variant) => !kubernetes(variant);
const boot = isOneOf(
  "aws-k8s-1.{23,24} aws-k8s-1.{23,24}-nvidia vmware-k8s-1.{23,24} metal-k8s-1.{21,22,23,24} {aws,vmware,metal}-dev metal-base",
);
const kubernetesNvidia = isOneOf("aws-k8s-1.{21,22,23,24}-nvidia");
const ecsNvidia = isOneOf("aws-ecs-1-nvidia");

const services: [name: string, where: Where, files: string, commands: readonly string[]][] = [
  ["motd", all, "motd", []],
  ["containerd", all, "containerd-config-toml proxy-env", ["/bin/systemctl try-restart containerd.service"]],
  ["host-containerd", all, "proxy-env", ["/bin/systemctl try-restart host-containerd.service"]],
  ["updog", all, "updog-toml", []],
  ["host-containers", all, "host-ctr-toml", ["/usr/bin/host-containers"]],
  ["bootstrap-containers", all, "host-ctr-toml", ["/usr/bin/bootstrap-containers create-containers"]],
  ["hostname", all, "hostname", ["/bin/systemctl try-restart set-hostname.service"]],
  ["hosts", all, "hosts", []],
  ["ntp", all, "chrony-conf", ["/bin/systemctl try-reload-or-restart chronyd.service"]],
  ["dns", all, "netdog-toml", ["netdog write-resolv-conf"]],
  ["sysctl", all, "", ["/usr/bin/corndog sysctl"]],
  ["kernel-modules", all, "modprobe-conf", []],
  ["lockdown", all, "", ["/usr/bin/corndog lockdown"]],
  ["pki", all, "", ["/usr/bin/certdog"]],
  ["metricdog", all, "metricdog-toml proxy-env", ["/bin/systemctl try-restart metricdog.service"]],
  ["oci-hooks", (variant) => !ecsNvidia(variant), "oci-hooks", []],
  ["oci-hooks", ecsNvidia, "oci-hooks nvidia-oci-hooks", []],
  ["cfsignal", aws, "cfsignal-toml", ["/bin/systemctl try-restart cfsignal.service"]],
  ["bootconfig", boot, "", ["/usr/bin/prairiedog generate-boot-config"]],
  ["aws", kubernetes, "aws-config aws-credentials", []],
  [
    "kubernetes",
    kubernetes,
    "kubelet-env kubelet-config kubelet-kubeconfig kubelet-bootstrap-kubeconfig kubelet-exec-start-conf " +
      "kubernetes-ca-crt proxy-env kubelet-server-crt kubelet-server-key credential-provider-config-yaml",
    ["/usr/bin/systemctl try-restart kubelet.service"],
  ],
  ["static-pods", kubernetes, "", ["/usr/bin/static-pods"]],
  ["docker", docker, "docker-daemon-config proxy-env", ["/bin/systemctl try-restart docker.service"]],
  [
    "ecs",
    ecs,
    "ecs-config",
    ["/usr/bin/ecs-settings-applier", "/bin/systemctl try-reload-or-restart ecs.service"],
  ],
];

/** Templates by their file name below /usr/share/templates. */
const files: [name: string, where: Where, path: string, template: string][] = [
  ["motd", all, "/etc/motd", "motd"],
  ["proxy-env", all, "/etc/network/proxy.env", "proxy-env"],
  ["hostname", all, "/etc/network/hostname.env", "hostname-env"],
  ["hosts", all, "/etc/hosts", "hosts"],
  ["chrony-conf", all, "/etc/chrony.conf", "chrony-conf"],
  ["netdog-toml", all, "/etc/netdog.toml", "netdog-toml"],
  ["modprobe-conf", all, "/etc/modprobe.d/modprobe.conf", "modprobe-conf"],
  ["updog-toml", all, "/etc/updog.toml", "updog-toml"],
  ["metricdog-toml", all, "/etc/metricdog.toml", "metricdog-toml"],
  ["host-ctr-toml", all, "/etc/host-containers/host-ctr.toml", "host-ctr-toml"],
  ...(
    [
      [withoutKubernetes, "basic"],
      [isOneOf("{aws,vmware,metal}-k8s-1.21 {aws,vmware,metal}-k8s-1.22"), "k8s"],
      [isOneOf("aws-k8s-1.{21,22}-nvidia"), "k8s_nvidia"],
      [isOneOf("{aws,vmware,metal}-k8s-1.23 {aws,vmware,metal}-k8s-1.24"), "k8s_containerd_sock"],
      [isOneOf("aws-k8s-1.{23,24}-nvidia"), "k8s_nvidia_containerd_sock"],
    ] as const
  ).map(([where, kind]): (typeof files)[number] => [
    "containerd-config-toml",
    where,
    "/etc/containerd/config.toml",
    `containerd-config-toml_${kind}`,
  ]),
  [
    "oci-hooks",
    (variant) => !kubernetesNvidia(variant),
    "/etc/shimpei/shimpei-hooks.json",
    "oci-default-hooks-json",
  ],
  ["oci-hooks", kubernetesNvidia, "/etc/shimpei/nvidia-oci-hooks.json", "nvidia-oci-hooks-json"],
  ["nvidia-oci-hooks", ecsNvidia, "/etc/shimpei/nvidia-oci-hooks.json", "nvidia-oci-hooks-json"],
  ["cfsignal-toml", aws, "/etc/cfsignal.toml", "cfsignal-toml"],
  ["aws-config", kubernetes, "/root/.aws/config", "aws-config"],
  ["aws-credentials", kubernetes, "/root/.aws/credentials", "aws-credentials"],
  [
    "docker-daemon-config",
    (variant) => docker(variant) && !ecsNvidia(variant),
    "/etc/docker/daemon.json",
    "docker-daemon-json",
  ],
  ["docker-daemon-config", ecsNvidia, "/etc/docker/daemon.json", "docker-daemon-nvidia-json"],
  ["ecs-config", ecs, "/etc/ecs/ecs.config", "ecs.config"],
  ["kubelet-env", kubernetes, "/etc/kubernetes/kubelet/env", "kubelet-env"],
  ["kubelet-config", kubernetes, "/etc/kubernetes/kubelet/config", "kubelet-config"],
  ["kubelet-kubeconfig", kubernetes, "/etc/kubernetes/kubelet/kubeconfig", "kubelet-kubeconfig"],
  [
    "kubelet-bootstrap-kubeconfig",
    kubernetes,
    "/etc/kubernetes/kubelet/bootstrap-kubeconfig",
    "kubelet-bootstrap-kubeconfig",
  ],
  [
    "kubelet-exec-start-conf",
    kubernetes,
    "/etc/systemd/system/kubelet.service.d/exec-start.conf",
    "kubelet-exec-start-conf",
  ],
  ["kubernetes-ca-crt", kubernetes, "/etc/kubernetes/pki/ca.crt", "kubernetes-ca-crt"],
  ["kubelet-server-crt", kubernetes, "/etc/kubernetes/pki/kubelet-server.crt", "kubelet-server-crt"],
  ["kubelet-server-key", kubernetes, "/etc/kubernetes/pki/kubelet-server.key", "kubelet-server-key"],
  [
    "credential-provider-config-yaml",
    kubernetes,
    "/etc/kubernetes/kubelet/credential-provider-config.yaml",
    "credential-provider-config-yaml",
  ],
];

describe("settings Check 36", async () => {
  for (const variant of await variantNames(ownVariants)) {
    test(`${variant} has the services of section 9.3`, async () => {
      const model = await shippedModel(variant);
      const expected = services
        .filter(([, where]) => where(variant))
        .map(([name, , names, restartCommands]) => {
          return [name, { configurationFiles: names.split(" ").filter(Boolean), restartCommands }] as const;
        });
      expect(Object.fromEntries<object>(model.services)).toEqual(Object.fromEntries(expected));
    });

    test(`${variant} has the configuration files of section 9.4`, async () => {
      const model = await shippedModel(variant);
      const found = [...model.configurationFiles].map(([name, { path, templatePath }]) => {
        return [name, { path, templatePath }] as const;
      });
      const expected = files
        .filter(([, where]) => where(variant))
        .map(([name, , path, template]) => {
          return [name, { path, templatePath: `/usr/share/templates/${template}` }] as const;
        });
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
    });
  }
});
