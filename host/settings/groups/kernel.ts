import { boolean } from "../basic-types.ts";
import { group, map, setting } from "../declaration.ts";
import { lockdown, lockdownLevel, moduleName, sysctlName } from "../kernel-types.ts";
import { anyText } from "../text-types.ts";

export const kernel = group(
  {
    lockdown: setting(lockdown, {
      doc: "How far the kernel is closed against its own root user. A lower level takes effect at the next boot.",
      example: "integrity",
      affects: ["lockdown"],
      needsReboot: {
        why: "The running kernel cannot be opened again; it is started with the lower level.",
        when: ({ before, after }) => lockdownLevel(after) < lockdownLevel(before),
      },
    }),
    modules: map(
      moduleName,
      group({
        allowed: setting(boolean, {
          doc: "False: the module cannot be loaded. A module that is loaded already stays.",
          example: false,
          needsReboot: {
            why: "If the module is loaded already, it stays until then.",
            when: ({ after }) => after === false,
          },
        }),
      }),
      {
        doc: "Kernel modules, by name.",
        example: { sctp: { allowed: false } },
        affects: ["kernel-modules"],
      },
    ),
    sysctl: map(
      sysctlName,
      setting(anyText, { doc: "The value, always a string, numbers too.", example: "10" }),
      {
        doc: "Kernel parameters changed at run time, by name. A name with dots is written in quotes.",
        example: { "vm.swappiness": "10" },
        affects: ["sysctl"],
      },
    ),
  },
  { about: { doc: "How far the kernel is closed, which modules it may load, and its parameters." } },
);
