/** What the kubelet runs without being told by the cluster, and whom it asks for image credentials. */
import { boolean, list } from "../basic-types.ts";
import { secret } from "../composed-types.ts";
import { identifier } from "../container-types.ts";
import { group, map, setting } from "../declaration.ts";
import { kubernetesDuration } from "../duration-types.ts";
import { base64 } from "../encoded-types.ts";
import { singleLine } from "../text-types.ts";

const staticPod = group(
  {
    enabled: setting(boolean, { doc: "True: the pod runs. False: its manifest is removed.", example: true }),
    manifest: setting(secret(base64), {
      doc: "The manifest of the pod, YAML or JSON in base64. Its environment may hold passwords.",
      example: "YXBpVmVyc2lvbjogdjEK",
    }),
  },
  {
    rules: [
      ({ enabled, manifest }) => {
        if (enabled === true && manifest === undefined) {
          return [
            { at: ["manifest"], problem: "missing, but enabled is true", accepted: "a manifest in base64" },
          ];
        }
        return enabled === undefined && manifest !== undefined
          ? [{ at: ["enabled"], problem: "missing, but manifest is set", accepted: "true or false" }]
          : [];
      },
    ],
  },
);

/**
 * The reference demands `enabled` and `image-patterns` in every change and passes over unknown names (WEAKNESS in
 * specification "settings" 7.3). Here a change may name one of them, if the other is set already; and what is unset is
 * left out of replies, as in later releases of the reference, where 1.11 returns null for `cache-duration`.
 */
const credentialProvider = group(
  {
    enabled: setting(boolean, { doc: "True: the kubelet asks this provider.", example: true }),
    "image-patterns": setting(list(singleLine), {
      doc: "The images that the provider has credentials for.",
      example: ["*.dkr.ecr.*.amazonaws.com"],
    }),
    "cache-duration": setting(kubernetesDuration, {
      doc: "How long credentials are kept. Unset: 12h.",
      example: "30m",
    }),
  },
  {
    rules: [
      (table) =>
        (["enabled", "image-patterns"] as const)
          .filter((name) => table[name] === undefined)
          .map((name) => ({
            at: [name],
            problem: "missing",
            accepted: "both enabled and image-patterns for each credential provider",
          })),
    ],
  },
);

export const podSettings = {
  "static-pods": map(identifier, staticPod, {
    doc: "Pods that this node runs whatever the cluster says, by name.",
    example: { web: { enabled: true, manifest: "YXBpVmVyc2lvbjogdjEK" } },
    affects: ["static-pods"],
  }),
  "credential-providers": map(identifier, credentialProvider, {
    doc: "Programs that the kubelet asks for image credentials, by name.",
    example: {
      "ecr-credential-provider": { enabled: true, "image-patterns": ["*.dkr.ecr.*.amazonaws.com"] },
    },
  }),
};
