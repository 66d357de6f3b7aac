import { boolean } from "../basic-types.ts";
import { identifier } from "../container-types.ts";
import { group, map, setting } from "../declaration.ts";
import { pemBundle } from "../encoded-types.ts";

export const pki = map(
  identifier,
  group({
    data: setting(pemBundle, {
      doc: "The certificates, as PEM text in base64. Empty: none.",
      example: "",
    }),
    trusted: setting(boolean, {
      doc: "True: the certificates are trusted. False, or unset: they are not, even if the system trusts them otherwise.",
      example: true,
    }),
  }),
  {
    doc: "Bundles of certificates, by name.",
    example: { company: { data: "", trusted: true } },
    affects: { k8s: ["pki", "containerd"], ecs: ["pki", "docker"], dev: ["pki", "docker"], base: ["pki"] },
  },
);
