/** Everything that can stop an image build, with what to do next. */
import { failuresOf } from "../sdk/index.ts";

interface ImageFailures {
  "host-executable/name-not-found": { name: string; runtime: string };
  "host-executable/not-compiled": { output: string };
  "host-executable/does-not-run": { output: string };
  "host-executable/not-sealed": { how: string; output: string };
}

export const fail = failuresOf<ImageFailures>({
  "host-executable/name-not-found": {
    says: (f) => `The runtime ${f.runtime} does not hold the name ${f.name}, which the build must overwrite`,
    hint: "A new runtime reads its environment differently: find out how, then change image/seal.ts and its test",
  },
  "host-executable/not-compiled": {
    says: (f) => `The host programs could not be made into one executable:\n${f.output}`,
    hint: "Correct the source named above; make check shows the same mistakes faster",
  },
  "host-executable/does-not-run": {
    says: (f) => `pinwheel-host does not run in an empty root:\n${f.output}`,
    hint: "It may need another library beside it: compare its needs with the list in image/host-executable.ts",
  },
  "host-executable/not-sealed": {
    says: (f) => `pinwheel-host can still be made to run foreign code by ${f.how}:\n${f.output}`,
    hint: "Add the name to image/seal.ts",
  },
});
