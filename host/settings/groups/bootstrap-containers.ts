import { boolean } from "../basic-types.ts";
import { secret } from "../composed-types.ts";
import { bootstrapMode, identifier, imageReference } from "../container-types.ts";
import { group, map, setting } from "../declaration.ts";
import { base64 } from "../encoded-types.ts";
import { missingSource } from "./container-source.ts";

const bootstrapContainer = group(
  {
    source: setting(imageReference, {
      doc: "The image of the container.",
      example: "registry.example.com/prepare:v1",
    }),
    mode: setting(bootstrapMode, {
      doc: 'When it runs: "off", "once" at the next boot, or "always" at every boot. Unset: off.',
      example: "once",
      needsReboot: {
        why: "Bootstrap containers run only while the host boots.",
        when: ({ after }) => after === "once" || after === "always",
      },
    }),
    "user-data": setting(secret(base64), {
      doc: "What the container finds in its user-data file, in base64.",
      example: "aG9zdA==",
    }),
    essential: setting(boolean, {
      doc: "True: the boot stops if the container fails.",
      example: false,
    }),
  },
  { rules: [missingSource] },
);

export const bootstrapContainers = map(identifier, bootstrapContainer, {
  doc: "Containers that run at boot, before the host is ready, by name.",
  example: { prepare: { source: "registry.example.com/prepare:v1", mode: "once", essential: true } },
  affects: ["bootstrap-containers"],
});
