/** What can go wrong with the trusted certificates, and what to do about it. */
import { failuresOf } from "../../linux/failure.ts";

// A type and not an interface: `failuresOf` takes tables of any codes.
type Facts = {
  readonly "trust/bad-settings": { readonly problems: readonly string[] };
  readonly "trust/bad-source": { readonly path: string; readonly problem: string };
};

export const trustFailure = failuresOf<Facts>({
  "trust/bad-settings": {
    says: ({ problems }) => `The trusted certificates stay as they were: ${problems.join("; ")}`,
    hint: "Set the named settings to PEM text in base64, or to nothing",
  },
  "trust/bad-source": {
    says: ({ path, problem }) => `The certificates that the image trusts cannot be read: ${path}: ${problem}`,
    hint: "The bundle is part of the image: boot the other set, and report this version",
  },
});
