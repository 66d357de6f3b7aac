/** What can go wrong with host and bootstrap containers, and what to do about it. */
import { failuresOf } from "../linux/failure.ts";

/** The two kinds of containers that the host itself starts. */
export type Kind = "host" | "bootstrap";

interface Failed {
  readonly kind: Kind;
  /** For each container that failed its name and what was wrong. */
  readonly problems: readonly string[];
  /** How many containers were to be set up, those included. */
  readonly all: number;
}

// A type and not an interface: `failuresOf` takes tables of any codes.
type Facts = {
  /** All of them failed because of their settings. */
  readonly "containers/bad-settings": Failed;
  /** At least one failed although its settings are right. */
  readonly "containers/failed": Failed;
  readonly "containers/not-marked": {
    readonly id: string;
    readonly request: string;
    readonly answer: string;
  };
  readonly "image/bad-reference": { readonly reference: string; readonly problem: string };
  readonly "image/bad-registry-config": { readonly path: string };
  /** The cause is the last attempt's. */
  readonly "image/not-pulled": { readonly reference: string; readonly attempts: number };
  readonly "image/not-usable": { readonly reference: string };
  readonly "image/runtime-gone": { readonly reference: string };
  /** `registry` is the part of ECR that was to be asked. */
  readonly "image/ecr-no-credentials": { readonly registry: string };
  readonly "image/ecr-no-login": { readonly registry: string; readonly answer: string };
  readonly "containers/not-run": { readonly id: string };
};

const says = ({ kind, problems, all }: Failed) =>
  `Failed to set up ${problems.length} of ${all} ${kind} containers: ${problems.join("; ")}`;

export const containersFailure = failuresOf<Facts>({
  "containers/bad-settings": { says, hint: "Correct the settings that are named; the others are in effect" },
  "containers/failed": {
    says,
    hint: "See the cause of each; after that, set one of its settings again, which sets it up anew",
  },
  "containers/not-marked": {
    says: ({ id, request, answer }) =>
      `The mode of bootstrap container ${id} is not off yet: ${request} answered ${answer}`,
    hint: "It runs again with the next boot, unless its mode is set to off before",
  },
  "image/bad-reference": {
    says: ({ reference, problem }) => `${JSON.stringify(reference)} is no reference to an image: ${problem}`,
    hint: "Set the source of the container to HOST[:PORT]/PATH:TAG or HOST[:PORT]/PATH@DIGEST",
  },
  "image/bad-registry-config": {
    says: ({ path }) => `The registry configuration ${path} cannot be used`,
    hint: "On a host it is made from settings.container-registry; correct what the cause names",
  },
  "image/not-pulled": {
    says: ({ reference, attempts }) => `Image ${reference} was not pulled in ${attempts} attempts`,
    hint: "See the cause: which endpoint answered what; then check the source, and settings.container-registry",
  },
  "image/not-usable": {
    says: ({ reference }) => `Image ${reference} was pulled but cannot be run`,
    hint: "Correct the image, and give it another tag",
  },
  "image/runtime-gone": {
    says: ({ reference }) => `The runtime of host containers went away while image ${reference} was pulled`,
    hint: "A restart of it does that, and the image is pulled when the container is started again; else see the journal of host-containerd.service",
  },
  "image/ecr-no-credentials": {
    says: ({ registry }) =>
      `No login for ${registry}: there are no credentials of AWS in the environment, in /root/.aws or in the instance's metadata`,
    hint: "Attach an instance role with the policy AmazonEC2ContainerRegistryReadOnly",
  },
  "image/ecr-no-login": {
    says: ({ registry, answer }) => `No login for ${registry}: ${answer}`,
    hint: "Check that the instance role has the policy AmazonEC2ContainerRegistryReadOnly, and that the host reaches this endpoint, through settings.network.https-proxy if there is one",
  },
  "containers/not-run": {
    says: ({ id }) => `Container ${id} was not run to its end`,
    hint: "See the cause; what was made of it has been removed, so it can be started again",
  },
});
