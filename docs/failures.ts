/** Everything that can stop the commands about settings. */
import { failuresOf } from "../sdk/index.ts";

interface DocsFailures {
  "docs/unknown-key": { key: string; problem: string; near: readonly string[] };
  "docs/file-unreadable": { file: string; reason: string };
}

export const fail = failuresOf<DocsFailures>({
  "docs/unknown-key": {
    says: (f) => `There is no setting ${f.key}: ${f.problem}`,
    hint: (f) =>
      f.near.length === 0
        ? "bin/pinwheel settings explain settings lists the groups, and with a group its settings"
        : `Did you mean ${f.near.join(" or ")}?`,
  },
  "docs/file-unreadable": {
    says: (f) => `${f.file} cannot be read: ${f.reason}`,
    hint: "Give the path of a file with user data, or - for standard input",
  },
});
