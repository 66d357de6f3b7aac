/** What can go wrong with what the orchestrator's agent is given, and what to do about it. */
import { failuresOf } from "../../linux/failure.ts";

// A type and not an interface: `failuresOf` takes tables of any codes.
type Facts = {
  readonly "orchestrator/no-settings": { readonly what: string; readonly missing: readonly string[] };
  /** All of them failed because of their settings. */
  readonly "orchestrator/bad-pods": FailedPods;
  /** At least one failed although its settings are right. */
  readonly "orchestrator/pods-failed": FailedPods;
};

interface FailedPods {
  readonly problems: readonly string[];
  /** How many pods were to be set up, those included. */
  readonly all: number;
}

const podsFailed = ({ problems, all }: FailedPods) =>
  `Failed to set up ${problems.length} of ${all} static pods: ${problems.join("; ")}`;

export const orchestratorFailure = failuresOf<Facts>({
  "orchestrator/no-settings": {
    says: ({ what, missing }) => `${what} needs settings that are not there: ${missing.join(", ")}`,
    hint: "The image sets them by default: see with apiclient get settings what this host has instead",
  },
  "orchestrator/bad-pods": {
    says: podsFailed,
    hint: "Correct the settings that are named; the other pods are in effect",
  },
  "orchestrator/pods-failed": {
    says: podsFailed,
    hint: "See the cause of each; after that, set one of its settings again, which sets it up anew",
  },
});
