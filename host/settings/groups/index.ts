/**
 * Every settings group, in the order of the model. A new group is a file here and a line below; which
 * variants have it is said in their variant.toml.
 */
import type { Declaration } from "../declaration.ts";
import { boot } from "./boot.ts";
import { cloudformation } from "./cloudformation.ts";
import { dns } from "./dns.ts";
import { kernel } from "./kernel.ts";
import { motd } from "./motd.ts";
import { network } from "./network.ts";
import { ntp } from "./ntp.ts";
import { updates } from "./updates.ts";

export const groups = { motd, updates, network, dns, ntp, kernel, boot, cloudformation } satisfies Record<
  string,
  Declaration
>;

export type GroupName = keyof typeof groups;
