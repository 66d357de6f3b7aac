/** Everything that can stop the building and publishing of container images, with what to do next. */
import { failuresOf } from "../sdk/index.ts";

interface ContainerFailures {
  "containers/no-such-image": { name: string; known: readonly string[] };
  "containers/bad-image-file": { file: string; problems: readonly string[] };
  "containers/registry-not-reached": { registry: string; reason: string };
  "containers/registry-refused": { what: string; request: string; status: number; says: string };
}

export const fail = failuresOf<ContainerFailures>({
  "containers/no-such-image": {
    says: (f) => `There is no container image ${f.name}; there are: ${f.known.join(", ")}`,
    hint: "Correct the name; each image is a folder of containers/ with an image.toml",
  },
  "containers/bad-image-file": {
    says: (f) => `${f.file} has mistakes:\n${f.problems.join("\n")}`,
    hint: "containers/image-file.ts says what each field means; containers/admin/image.toml is an example",
  },
  "containers/registry-not-reached": {
    says: (f) => `The registry ${f.registry} cannot be reached: ${f.reason}`,
    hint: "bin/pinwheel registry start starts the lab's own; --to names another one",
  },
  "containers/registry-refused": {
    says: (f) => `The registry did not take ${f.what}: ${f.request} was answered with ${f.status}: ${f.says}`,
    hint: "Only registries that take images without logging in can be published to; build/registry/registry.log is the lab's own log",
  },
});
