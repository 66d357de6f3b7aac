/** Which settings are generated in each variant, and from what ("settings" 8.3 and 8.4, "rendered-config" 4.1). */
import { describe, expect, test } from "bun:test";
import { parseKey } from "./keys.ts";
import { ownVariants, shippedModel } from "./testing.ts";
import { variantNames } from "./variant-sources.ts";

type Commands = Readonly<Record<string, string>>;

/** The generators of a group of keys that are all filled in from templates. */
const schnauzer = (...keys: string[]): Commands =>
  Object.fromEntries(keys.map((key) => [key, `schnauzer settings.${key}`]));

const everywhere: Commands = {
  "network.hostname": "netdog generate-hostname",
  "updates.seed": "bork seed",
  ...schnauzer("updates.metadata-base-url"),
};
const aws: Commands = {
  ...schnauzer("updates.targets-base-url"),
  ...schnauzer("host-containers.admin.source", "host-containers.control.source"),
  "host-containers.admin.user-data": "shibaken generate-admin-userdata",
  // It never runs on aws-dev, which has a default.
  "metrics.send-metrics": "shibaken is-partition --partition aws --partition aws-us-gov",
};
const awsKubernetes: Commands = {
  "kubernetes.node-ip": "pluto node-ip",
  "kubernetes.max-pods": "pluto max-pods",
  "kubernetes.cluster-dns-ip": "pluto cluster-dns-ip",
  ...schnauzer("kubernetes.pod-infra-container-image"),
};
const otherKubernetes: Commands = { "kubernetes.node-ip": "netdog node-ip" };
const boot: Commands = { boot: "/usr/bin/prairiedog generate-boot-settings" };

function commandsOf(variant: string): Commands {
  const isAws = variant.startsWith("aws-");
  const isKubernetes = variant.includes("-k8s-");
  return {
    ...everywhere,
    ...(isAws ? aws : {}),
    ...(isKubernetes ? (isAws ? awsKubernetes : otherKubernetes) : {}),
    ...(/-dev$|metal-|-1\.2[34]/.test(variant) ? boot : {}),
  };
}

const region = "settings.aws.region";
const awsTemplates = {
  "updates.metadata-base-url": `{{ ${region} | tuf_prefix }}{{ ${region} | metadata_prefix }}/2020-07-07/{{ os.variant_id }}/{{ os.arch }}/`,
  "updates.targets-base-url": `{{ ${region} | tuf_prefix }}/targets/`,
  "host-containers.admin.source": `{{ ${region} | ecr_prefix }}/bottlerocket-admin:v0.9.3`,
  "host-containers.control.source": `{{ ${region} | ecr_prefix }}/bottlerocket-control:v0.6.4`,
};
const pause = {
  "kubernetes.pod-infra-container-image": `{{ ${region} | pause_prefix }}/eks/pause:3.1-eksbuild.1`,
};
const publicTemplates = {
  "updates.metadata-base-url":
    "https://updates.pinwheel.example/2020-07-07/{{ os.variant_id }}/{{ os.arch }}/",
};

function templatesOf(variant: string): Readonly<Record<string, string>> {
  if (!variant.startsWith("aws-")) return publicTemplates;
  return { ...awsTemplates, ...(variant.includes("-k8s-") ? pause : {}) };
}

describe("generated settings", async () => {
  for (const variant of await variantNames(ownVariants)) {
    test(`of ${variant}`, async () => {
      const model = await shippedModel(variant);
      const commands = Object.fromEntries(
        [...model.settingGenerators].map(([key, command]) => [key.replace(/^settings\./, ""), command]),
      );
      expect(commands).toEqual(commandsOf(variant));

      const templates: Record<string, string | undefined> = {};
      for (const [key, command] of Object.entries(commands)) {
        const parsed = parseKey(`settings.${key}`);
        if (command.startsWith("schnauzer ") && parsed.ok) templates[key] = model.template(parsed.key);
      }
      expect(templates).toEqual(templatesOf(variant));
    });
  }
});
