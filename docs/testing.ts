/** For tests: a few variants that differ, and the reference of them. */
import { buildModel, groups, loadVariant } from "../host/settings/index.ts";
import { type Entry, type Reference, referenceOf } from "./reference.ts";
import type { VariantModel } from "./variants.ts";

const chrony = {
  path: "/etc/chrony.conf",
  "template-path": "/usr/share/templates/chrony-conf",
  format: "words",
};
const ntp = {
  "configuration-files": ["chrony-conf"],
  "restart-commands": ["/bin/systemctl restart chronyd.service"],
};

/** A variant with every group, the service ntp, and these fields besides. */
export function variantModel(name: string, fields: { readonly [field: string]: unknown } = {}): VariantModel {
  const content = {
    variant: name,
    arch: "x86_64",
    version: "1.11.1",
    "build-id": "abcdef",
    groups: Object.keys(groups),
    settings: {},
    metadata: {},
    services: { ntp },
    "configuration-files": { "chrony-conf": chrony },
    ...fields,
  };
  return { name, model: buildModel(loadVariant(JSON.stringify(content))) };
}

const admin = (source: string) => ({ "host-containers": { admin: { source, enabled: false } } });
const template = { settings: { updates: { "metadata-base-url": { template: "https://{{ os.arch }}/" } } } };

/** Two AWS variants, one of metal with other defaults, and one without time servers and Kubernetes. */
export const sample: Reference = referenceOf([
  variantModel("aws-dev", { groups: ["motd", "updates", "host-containers"], metadata: template }),
  variantModel("aws-k8s-1.23", { settings: admin("ecr/admin:1"), metadata: template }),
  variantModel("aws-k8s-1.24", { settings: admin("ecr/admin:1"), metadata: template }),
  variantModel("metal-k8s-1.24", {
    settings: { ...admin("public/admin:1"), ntp: { "time-servers": ["time.example.com"] } },
    metadata: template,
  }),
]);

/** An entry of a reference. */
export function entryOf(key: string, reference: Reference = sample): Entry {
  const found = reference.groups.flatMap(({ entries }) => entries).find((entry) => entry.key === key);
  if (found === undefined) throw new Error(`the reference has no ${key}`);
  return found;
}
