/** What must hold before an update counts as good. Not in the reference (WEAKNESS in specification "updates" 4). */
import { list } from "../basic-types.ts";
import { commandTarget, commandWord, identifier } from "../container-types.ts";
import { type BrokenRule, group, map, setting } from "../declaration.ts";
import { healthLimit } from "../duration-types.ts";
import { unitName } from "../unit-types.ts";

const containerCheck = group(
  {
    container: setting(commandTarget, {
      doc: "The host container that the command runs in.",
      example: "admin",
    }),
    command: setting(list(commandWord, { least: 1 }), {
      doc: "The command and its arguments; no shell reads them. It holds when it ends with exit code 0.",
      example: ["/usr/bin/test", "-e", "/.bottlerocket/rootfs/run/my-agent/ready"],
    }),
  },
  { rules: [bothMembers] },
);

export const health = group(
  {
    units: setting(list(unitName), {
      doc: "Units of systemd that must be active.",
      example: ["kubelet.service"],
    }),
    "container-checks": map(identifier, containerCheck, {
      doc: "Commands in host containers that must succeed, by name of the check.",
      example: { agent: { container: "admin", command: ["/usr/bin/true"] } },
    }),
    "time-limit": setting(healthLimit, {
      doc: "How long after the host is configured and its services are up the checks may take to hold. Unset: 5m.",
      example: "10m",
    }),
  },
  {
    about: {
      doc: "What must hold before the first boot of an update counts as good; otherwise the host goes back to the version before. Later boots only tell what does not hold. Empty: no more than that the host is configured and its services are up.",
      affects: [],
    },
  },
);

/** Half a check would fail every update. */
function bothMembers(check: { readonly [member: string]: unknown }): BrokenRule[] {
  const needed = { container: "the name of a host container", command: "a list of at least 1 word" };
  const given = Object.keys(needed).filter((member) => check[member] !== undefined);
  if (given.length !== 1) return [];
  return Object.entries(needed)
    .filter(([member]) => !given.includes(member))
    .map(([member, accepted]) => ({
      at: [member],
      problem: `missing, but ${given.join("")} is set`,
      accepted,
    }));
}
