/** What a Kubernetes node is to its cluster. */

import { unsigned32 } from "../basic-types.ts";
import { map, setting } from "../declaration.ts";
import { labelKey, labelValue, taints } from "../kubernetes-types.ts";
import { ipAddress } from "../network-types.ts";
import { singleLine } from "../text-types.ts";

export const nodeSettings = {
  "node-ip": setting(ipAddress, {
    doc: "The address of this node.",
    example: "192.0.2.9",
    generatedBy: { aws: "pluto node-ip", vmware: "netdog node-ip", metal: "netdog node-ip" },
  }),
  "node-labels": map(
    labelKey,
    setting(labelValue, { doc: "The value of the label, which may be empty.", example: "web" }),
    { doc: "Labels that the node registers with.", example: { "example.com/tier": "web" } },
  ),
  "node-taints": map(
    labelKey,
    setting(taints, {
      doc: "The value and effect of the taint, or a list of such; returned as a list.",
      example: ["gpu:NoSchedule"],
    }),
    {
      doc: "Taints that the node registers with.",
      example: { dedicated: "gpu:NoSchedule" },
      refusesNull: true,
    },
  ),
  "max-pods": setting(unsigned32, {
    doc: "How many pods the node takes. Unset: 110.",
    example: 58,
    generatedBy: { aws: "pluto max-pods" },
  }),
  "pod-infra-container-image": setting(singleLine, {
    doc: "The image of the container that holds a pod's namespaces.",
    example: "registry.example.com/pause:3.5",
    generatedBy: { aws: "schnauzer settings.kubernetes.pod-infra-container-image" },
    // The reference passes over containerd in some variants, though its file names the image in all of them.
    affects: ["kubernetes", "containerd"],
  }),
};
