import { setting } from "../declaration.ts";
import { anyText } from "../text-types.ts";

export const motd = setting(anyText, {
  doc: "The message shown when somebody logs in, written to /etc/motd. It may have several lines.",
  example: "Handle with care",
  affects: ["motd"],
});
