/**
 * The services that a change of settings can re-render and restart (specification "settings" 9.3), those of all
 * variants. A declaration can name no other: a misspelt name would be taken for one that the variant lacks.
 */
export const serviceNames = [
  "motd",
  "containerd",
  "host-containerd",
  "updog",
  "host-containers",
  "bootstrap-containers",
  "hostname",
  "hosts",
  "ntp",
  "dns",
  "sysctl",
  "kernel-modules",
  "lockdown",
  "pki",
  "metricdog",
  "oci-hooks",
  "cfsignal",
  "bootconfig",
  "aws",
  "kubernetes",
  "static-pods",
  "docker",
  "ecs",
] as const;

export type ServiceName = (typeof serviceNames)[number];
