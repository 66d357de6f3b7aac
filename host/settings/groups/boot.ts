import { boolean, list } from "../basic-types.ts";
import { group, map, setting } from "../declaration.ts";
import { bootParameterName, bootParameterValue } from "../kernel-types.ts";

const needsReboot = { why: "Only the next boot is started with it." };

const parameter = setting(list(bootParameterValue), {
  doc: "The values of the parameter; an empty list for a parameter without a value.",
  example: ["ttyS0,115200n8"],
});

export const boot = group(
  {
    kernel: map(bootParameterName, parameter, {
      doc: "Kernel parameters of the next boots.",
      example: { console: ["tty0", "ttyS0,115200n8"] },
      needsReboot,
    }),
    init: map(bootParameterName, parameter, {
      doc: "Parameters of the init program, systemd, of the next boots.",
      example: { "systemd.log_level": ["debug"] },
      needsReboot,
    }),
    "reboot-to-reconcile": setting(boolean, {
      doc: "True: reboot once more at boot when the running kernel was started with other parameters.",
      example: true,
    }),
  },
  {
    // Specification "settings" 4.6: accepted in input, stored and returned under the short names.
    aliases: { "kernel-parameters": "kernel", "init-parameters": "init" },
    about: {
      doc: "What the kernel and init are started with, from the next boot on.",
      affects: ["bootconfig"],
      generatedBy: "/usr/bin/prairiedog generate-boot-settings",
    },
  },
);
