/** A small variant for tests: every group, a handful of services. */
import { type GroupName, groups } from "./groups/index.ts";
import { buildModel, type Model } from "./model.ts";
import type { Json } from "./source.ts";
import { loadVariant, type Variant } from "./variant.ts";

const service = { "configuration-files": [], "restart-commands": [] };

/** The content of variant.json of the test variant. */
export const testVariantContent = {
  variant: "test-dev",
  arch: "x86_64",
  version: "1.11.1",
  "build-id": "abcdef",
  groups: Object.keys(groups),
  settings: { motd: "hello", ntp: { "time-servers": ["time.example.com"] } },
  metadata: { settings: { updates: { "metadata-base-url": { template: "https://{{ os.arch }}/" } } } },
  services: Object.fromEntries(
    ["motd", "updog", "containerd", "hostname", "hosts", "dns", "ntp", "sysctl", "bootconfig"].map((name) => [
      name,
      service,
    ]),
  ),
  "configuration-files": { motd: { path: "/etc/motd", "template-path": "/usr/share/templates/motd" } },
};

/** The test variant, with some of its fields replaced. */
export function testVariant(replaced: { readonly [field: string]: Json } = {}): Variant {
  return loadVariant(JSON.stringify({ ...testVariantContent, ...replaced }));
}

/** The model of the test variant, with all groups or some of them. */
export function testModel(only?: readonly GroupName[]): Model {
  return buildModel(testVariant(only === undefined ? {} : { groups: only }));
}
