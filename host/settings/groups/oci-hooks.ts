import { boolean } from "../basic-types.ts";
import { group, setting } from "../declaration.ts";

export const ociHooks = group(
  {
    "log4j-hotpatch-enabled": setting(boolean, {
      doc: "True: Java programs in new containers are patched against the Log4j vulnerability of 2021.",
      example: false,
    }),
  },
  { about: { doc: "What runs when a container starts.", affects: ["oci-hooks"] } },
);
