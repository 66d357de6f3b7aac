/** settings.kubernetes (specification "settings" 7.3): the parts below, and the rules between them. */
import { type BrokenRule, group } from "../declaration.ts";
import { quote } from "../source.ts";
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
    rules: [thresholdMistakes, serverMistakes, tokenMistakes, taintMistakes],
  },
);

/** The kubelet refuses to start otherwise. */
function thresholdMistakes(table: {
  "image-gc-low-threshold-percent"?: number | string;
  "image-gc-high-threshold-percent"?: number | string;
}): BrokenRule[] {
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
}

/** Without a scheme there is no host in it to be reached without the proxy, and containers would not start. */
function serverMistakes({ "api-server": server }: { "api-server"?: string }): BrokenRule[] {
  if (server === undefined || server.includes("://")) return [];
  return [
    {
      at: ["api-server"],
      problem: "it has no scheme",
      accepted: `an address with its scheme, such as "https://${server}"`,
    },
  ];
}

/**
 * A node that has a cluster to join joins it with a token. Not asked for while there is no cluster: TLS is the default
 * of some variants, whose cluster and token come with user data.
 */
function tokenMistakes(table: {
  "api-server"?: string;
  "authentication-mode"?: "aws" | "tls";
  "bootstrap-token"?: string;
  "standalone-mode"?: boolean;
}): BrokenRule[] {
  const joins = table["api-server"] !== undefined && table["standalone-mode"] !== true;
  if (!joins || table["authentication-mode"] !== "tls" || table["bootstrap-token"] !== undefined) return [];
  return [
    {
      at: ["bootstrap-token"],
      problem: "missing, but api-server is set and authentication-mode is tls",
      accepted: "the token to join the cluster with, set together with api-server",
    },
  ];
}

/** The kubelet refuses to start with any other. */
const taintEffects: readonly string[] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

function taintMistakes({
  "node-taints": taints = {},
}: {
  "node-taints"?: { readonly [key: string]: readonly string[] };
}): BrokenRule[] {
  return Object.entries(taints).flatMap(([key, values]) =>
    values
      .map((taint) => taint.slice(taint.indexOf(":") + 1))
      .filter((effect) => !taintEffects.includes(effect))
      .map((effect) => ({
        at: ["node-taints", key],
        problem: `the effect ${quote(effect)} is not known`,
        accepted: `one of ${taintEffects.join(", ")}`,
      })),
  );
}
