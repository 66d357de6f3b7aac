/** What can keep an archive for support from being written. */
import { failuresOf } from "../linux/failure.ts";

interface SupportFailures {
  "support/bad-output": { output: string; problem: string };
  "support/not-written": { output: string };
}

export const fail = failuresOf<SupportFailures>({
  "support/bad-output": {
    says: (f) => `The archive cannot be ${f.output}: ${f.problem}`,
    hint: "Give --output the path of a file",
  },
  "support/not-written": {
    says: (f) => `The archive ${f.output} could not be written, and what there was of it is removed`,
    hint: "If the disk is full, give --output a path elsewhere, such as /run/logs.tar.gz, which is in memory",
  },
});
