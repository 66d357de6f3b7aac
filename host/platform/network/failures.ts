/** What can go wrong with the host's network identity, and what to do about it. */

import { failuresOf } from "../../linux/failure.ts";

// A type and not an interface: `failuresOf` takes tables of any codes.
type Facts = {
  readonly "network/no-primary": { readonly nameFile: string; readonly macFile: string };
  readonly "network/damaged-primary": {
    readonly file: string;
    readonly found: string;
    readonly accepted: string;
  };
  readonly "network/primary-absent": { readonly macAddress: string };
  readonly "network/no-address": { readonly name: string };
  readonly "network/bad-hostname": { readonly name: string };
  readonly "network/bad-dns-settings": { readonly problems: readonly string[] };
};

export const networkFailure = failuresOf<Facts>({
  "network/no-primary": {
    says: ({ nameFile, macFile }) =>
      `There is no primary interface: neither ${nameFile} nor ${macFile} exists`,
    hint: "Configure an interface in net.toml on the private partition and reboot",
  },
  "network/damaged-primary": {
    says: ({ file, found, accepted }) => `${file} holds ${JSON.stringify(found)}; accepted: ${accepted}`,
    hint: "Reboot; netdog generate-net-config writes the file anew",
  },
  "network/primary-absent": {
    says: ({ macAddress }) => `No interface has the primary hardware address ${macAddress}`,
    hint: "Compare the address in net.toml with the machine's network cards",
  },
  "network/no-address": {
    says: ({ name }) => `The primary interface ${name} has no IP address beyond its own link`,
    hint: "Check the cable, the DHCP server, and the static addresses in net.toml",
  },
  "network/bad-hostname": {
    says: ({ name }) =>
      `Found the hostname ${JSON.stringify(name)}; accepted: a name without blanks and control characters`,
    hint: "Set settings.network.hostname",
  },
  "network/bad-dns-settings": {
    says: ({ problems }) => problems.join("; "),
    hint: "The file is rendered from settings.dns: set its values anew",
  },
});
