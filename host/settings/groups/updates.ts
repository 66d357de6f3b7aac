import { boolean, unsigned32 } from "../basic-types.ts";
import { group, setting } from "../declaration.ts";
import { url, version } from "../text-types.ts";
import { health } from "./health.ts";

// The metrics tell of these too, which the reference forgot (specification "settings" 9.2).
const affects = ["updog", "metricdog"] as const;

export const updates = group(
  {
    "metadata-base-url": setting(url, {
      doc: "Where the signed update metadata is fetched from.",
      example: "https://updates.example.com/2020-07-07/metal-dev/x86_64/",
      generatedBy: "schnauzer settings.updates.metadata-base-url",
    }),
    "targets-base-url": setting(url, {
      doc: "Where the update images are fetched from.",
      example: "https://updates.example.com/targets/",
      generatedBy: { aws: "schnauzer settings.updates.targets-base-url" },
    }),
    seed: setting(unsigned32, {
      doc: "This host's place in the update waves: low seeds update first. The generator chooses from 0 to 2047.",
      example: 812,
      generatedBy: "bork seed",
      affects,
    }),
    "version-lock": setting(version, {
      doc: 'The only version to update to, or "latest".',
      example: "v1.11.1",
      affects,
    }),
    "ignore-waves": setting(boolean, {
      doc: "True: update as soon as a version is published, without waiting for this host's wave.",
      example: false,
      affects,
    }),
    health,
  },
  { about: { doc: "Where updates come from and when they are taken.", affects: ["updog"] } },
);
