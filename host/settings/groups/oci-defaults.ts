/**
 * settings.oci-defaults, which the reference has since 1.12 (specification "settings" 13): what containers get that
 * ask for nothing else.
 */
import { boolean, integer, oneOf } from "../basic-types.ts";
import { either, storedAs } from "../composed-types.ts";
import { type BrokenRule, group, map, setting } from "../declaration.ts";
import { oneOfNames } from "../text-rule.ts";

const unlimited = -1;

const limit = either(
  "integer",
  integer({ min: unlimited, max: Number.MAX_SAFE_INTEGER }),
  storedAs(oneOf(["unlimited"]), () => unlimited),
);

const resourceLimit = group(
  {
    "hard-limit": setting(limit, {
      doc: 'How far the soft limit can be raised; "unlimited" is -1.',
      example: 1_048_576,
    }),
    "soft-limit": setting(limit, { doc: 'What holds at first; "unlimited" is -1.', example: 65_536 }),
  },
  { rules: [limitMistakes] },
);

/** The kernel takes both limits at once, and no soft one above the hard one. */
function limitMistakes(limits: { "hard-limit"?: number; "soft-limit"?: number }): BrokenRule[] {
  const { "hard-limit": hard, "soft-limit": soft } = limits;
  if (hard === undefined || soft === undefined) {
    const at = [hard === undefined ? "hard-limit" : "soft-limit"];
    return [{ at, problem: "missing", accepted: "both hard-limit and soft-limit" }];
  }
  if (hard === unlimited || (soft !== unlimited && soft <= hard)) return [];
  const shown = soft === unlimited ? "unlimited" : `${soft}`;
  return [
    { at: ["soft-limit"], problem: `it is ${shown}, and hard-limit is ${hard}`, accepted: `at most ${hard}` },
  ];
}

const limits = oneOfNames([
  ...["max-address-space", "max-core-file-size", "max-cpu-time", "max-data-size", "max-file-locks"],
  ...["max-file-size", "max-locked-memory", "max-msgqueue-size", "max-nice-priority", "max-open-files"],
  ...["max-pending-signals", "max-processes", "max-realtime-priority", "max-realtime-timeout"],
  ...["max-resident-set", "max-stack-size"],
]);

const capabilities = oneOfNames([
  ...["audit-control", "audit-read", "audit-write", "block-suspend", "bpf", "checkpoint-restore", "chown"],
  ...["dac-override", "dac-read-search", "fowner", "fsetid", "ipc-lock", "ipc-owner", "kill", "lease"],
  ...["linux-immutable", "mac-admin", "mac-override", "mknod", "net-admin", "net-bind-service"],
  ...[
    "net-broadcast",
    "net-raw",
    "perfmon",
    "setfcap",
    "setgid",
    "setpcap",
    "setuid",
    "sys-admin",
    "sys-boot",
  ],
  ...["sys-chroot", "sys-module", "sys-nice", "sys-pacct", "sys-ptrace", "sys-rawio", "sys-resource"],
  ...["sys-time", "sys-tty-config", "syslog", "wake-alarm"],
]);

export const ociDefaults = group(
  {
    capabilities: map(
      capabilities,
      setting(boolean, { doc: "True: containers have this capability.", example: true }),
      {
        doc: "The Linux capabilities of containers, by name.",
        example: { "net-raw": false },
      },
    ),
    "resource-limits": map(limits, resourceLimit, {
      doc: "The resource limits of containers, by name.",
      example: { "max-open-files": { "hard-limit": 1_048_576, "soft-limit": 65_536 } },
    }),
  },
  {
    about: {
      doc: "What containers get that ask for nothing else.",
      affects: { k8s: ["containerd"], ecs: ["docker"] },
    },
  },
);
