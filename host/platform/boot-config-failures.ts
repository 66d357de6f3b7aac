/** What can go wrong with boot parameters, and what to do about it. */

import { failuresOf } from "../linux/failure.ts";

// A type and not an interface: `failuresOf` takes tables of any codes.
type Facts = {
  readonly "boot-config/unreadable": { readonly problems: readonly string[] };
  readonly "boot-config/too-long": { readonly problem: string };
  readonly "boot-config/unexpected-setting": { readonly key: string; readonly accepted: string };
};

export const bootConfigFailure = failuresOf<Facts>({
  "boot-config/unreadable": {
    says: ({ problems }) => `The running boot configuration cannot be read: ${problems.join("; ")}`,
    hint: "Correct bootconfig.data on the private partition, or set settings.boot through the API, and reboot",
  },
  "boot-config/too-long": {
    says: ({ problem }) => `settings.boot: ${problem}`,
    hint: "Set fewer or shorter boot parameters; the file of the next boot was left as it is",
  },
  "boot-config/unexpected-setting": {
    says: ({ key, accepted }) => `${key} from the API has an unexpected form; accepted: ${accepted}`,
    hint: "Check which server answers on the API socket",
  },
});
