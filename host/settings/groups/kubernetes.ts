/** settings.kubernetes (specification "settings" 7.3): the parts below, and the rules between them. */
import { group } from "../declaration.ts";
import { clusterSettings } from "./kubernetes-cluster.ts";
import { kubeletSettings } from "./kubernetes-kubelet.ts";
import { nodeSettings } from "./kubernetes-node.ts";
import { podSettings } from "./kubernetes-pods.ts";

// What the kubelet takes where nothing is set.
const defaultHighPercent = 85;
const defaultLowPercent = 80;

export const kubernetes = group(
  { ...clusterSettings, ...nodeSettings, ...kubeletSettings, ...podSettings },
  {
    about: {
      doc: "The Kubernetes node: its cluster, its identity and its kubelet.",
      affects: ["kubernetes"],
    },
    rules: [
      // The kubelet refuses to start otherwise.
      (table) => {
        const low = Number(table["image-gc-low-threshold-percent"] ?? defaultLowPercent);
        const high = Number(table["image-gc-high-threshold-percent"] ?? defaultHighPercent);
        if (low < high) return [];
        return [
          {
            at: ["image-gc-low-threshold-percent"],
            problem: `it is ${low}, and image-gc-high-threshold-percent is ${high}`,
            accepted: `a low threshold below the high one; unset they are ${defaultLowPercent} and ${defaultHighPercent}`,
          },
        ];
      },
    ],
  },
);
