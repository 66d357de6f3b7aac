/** How the kubelet shares out the node, and what it is tuned by. */
import { integer, list, signed32, signed64 } from "../basic-types.ts";
import { map, setting } from "../declaration.ts";
import { kubernetesDuration } from "../duration-types.ts";
import {
  cpuManagerPolicy,
  evictionSignal,
  percent,
  quantity,
  reservedResource,
  threshold,
  topologyManagerPolicy,
  topologyManagerScope,
} from "../kubernetes-types.ts";
import { singleLine } from "../text-types.ts";

const reserved = setting(quantity, { doc: "How much of it is kept.", example: "500m" });

/** A number that the kubelet has a default of its own for. */
const tuned = (doc: string, example: number) => setting(signed32, { doc, example });

export const kubeletSettings = {
  "eviction-hard": map(
    evictionSignal,
    setting(threshold, { doc: "Pods are evicted below this.", example: "12%" }),
    {
      doc: "When pods are evicted, by what runs short. Unset: the kubelet's own thresholds.",
      example: { "memory.available": "200Mi", "nodefs.available": "10%" },
    },
  ),
  "kube-reserved": map(reservedResource, reserved, {
    doc: "What is kept from pods for the kubelet and the container runtime. Unset: computed from the node's size.",
    example: { cpu: "100m", memory: "512Mi", "ephemeral-storage": "1Gi" },
  }),
  "system-reserved": map(reservedResource, reserved, {
    doc: "What is kept from pods for the rest of the system. Unset: nothing.",
    example: { cpu: "100m", memory: "256Mi" },
  }),
  "pod-pids-limit": setting(signed64, { doc: "How many processes a pod may have.", example: 1024 }),
  "cpu-manager-policy": setting(cpuManagerPolicy, {
    doc: "Whether containers may get CPUs of their own. Takes effect cleanly only after a reboot.",
    example: "static",
    needsReboot: { why: "Containers that run already keep the CPUs they were given under the old policy." },
  }),
  "cpu-manager-reconcile-period": setting(kubernetesDuration, {
    doc: "How often the CPU manager puts right what containers use.",
    example: "10s",
  }),
  "topology-manager-scope": setting(topologyManagerScope, {
    doc: "What resources are aligned for.",
    example: "container",
  }),
  "topology-manager-policy": setting(topologyManagerPolicy, {
    doc: "How strictly resources are aligned.",
    example: "best-effort",
  }),
  "allowed-unsafe-sysctls": setting(list(singleLine), {
    doc: "Sysctls or patterns of sysctls that pods may set besides the safe ones.",
    example: ["net.core.somaxconn", "net.ipv4.*"],
  }),
  "registry-qps": tuned("Image pulls a second; 0 is no limit.", 10),
  "registry-burst": tuned("Image pulls at once, while registry-qps allows fewer on average.", 20),
  "event-qps": tuned("Events a second that the kubelet makes; 0 is no limit.", 10),
  "event-burst": tuned("Events at once, while event-qps allows fewer on average.", 20),
  "kube-api-qps": tuned("Requests a second to the API server.", 10),
  "kube-api-burst": tuned("Requests at once, while kube-api-qps allows fewer on average.", 20),
  "container-log-max-size": setting(quantity, {
    doc: "How large a container's log grows before it is rotated.",
    example: "10Mi",
  }),
  "container-log-max-files": tuned("How many log files a container may have.", 5),
  "image-gc-high-threshold-percent": setting(percent, {
    doc: "How full the disk is when unused images are removed. Unset: 85.",
    example: "85",
  }),
  "image-gc-low-threshold-percent": setting(percent, {
    doc: "How full the disk may stay when unused images are removed. Unset: 80.",
    example: "80",
  }),
  "log-level": setting(integer({ min: 0, max: 255 }), {
    doc: "How much the kubelet logs; more is more. Unset: the kubelet's own level.",
    example: 2,
  }),
};
