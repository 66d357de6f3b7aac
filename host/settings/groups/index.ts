/**
 * Every settings group, in the order of the model. A new group is a file here and a line below; which
 * variants have it is said in their variant.toml.
 */
import type { Declaration } from "../declaration.ts";
import { autoscaling } from "./autoscaling.ts";
import { aws } from "./aws.ts";
import { boot } from "./boot.ts";
import { bootstrapContainers } from "./bootstrap-containers.ts";
import { cloudformation } from "./cloudformation.ts";
import { containerRegistry } from "./container-registry.ts";
import { containerRuntime } from "./container-runtime.ts";
import { dns } from "./dns.ts";
import { ecs } from "./ecs.ts";
import { hostContainers } from "./host-containers.ts";
import { kernel } from "./kernel.ts";
import { kubernetes } from "./kubernetes.ts";
import { metrics } from "./metrics.ts";
import { motd } from "./motd.ts";
import { network } from "./network.ts";
import { ntp } from "./ntp.ts";
import { ociDefaults } from "./oci-defaults.ts";
import { ociHooks } from "./oci-hooks.ts";
import { pki } from "./pki.ts";
import { updates } from "./updates.ts";

export const groups = {
  motd,
  kubernetes,
  ecs,
  updates,
  "host-containers": hostContainers,
  "bootstrap-containers": bootstrapContainers,
  network,
  dns,
  ntp,
  kernel,
  boot,
  aws,
  metrics,
  pki,
  "container-registry": containerRegistry,
  "container-runtime": containerRuntime,
  "oci-hooks": ociHooks,
  "oci-defaults": ociDefaults,
  cloudformation,
  autoscaling,
} satisfies Record<string, Declaration>;

export type GroupName = keyof typeof groups;
