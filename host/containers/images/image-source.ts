/**
 * What the source of a container means: which image, and who is asked for it.
 *
 * @source  specification "containers" 8.2
 */
import { type EcrRegistry, parseEcrReference } from "./ecr/reference.ts";
import { type Endpoint, endpointsFor } from "./endpoints.ts";
import { type ImageReference, parseReference } from "./reference.ts";
import type { RegistryConfig } from "./registry-config.ts";

export interface ImageSource {
  readonly reference: ImageReference;
  /** Of the image in containerd: the source as it was given, and the canonical one of ECR. */
  readonly names: readonly [source: string, ...further: string[]];
  /** The private registry of ECR that has the image. */
  readonly registry: EcrRegistry | undefined;
}

/** @returns the source, or what is wrong with the text and what is accepted */
export function parseImageSource(text: string): ImageSource | { readonly problem: string } {
  const ecr = parseEcrReference(text);
  if (ecr === undefined) {
    const reference = parseReference(text);
    return "problem" in reference ? reference : { reference, names: [text], registry: undefined };
  }
  if ("problem" in ecr) return ecr;
  return {
    reference: ecr.image,
    names: ecr.canonical === text ? [text] : [text, ecr.canonical],
    registry: ecr.registry,
  };
}

/**
 * The endpoints that are asked, in their order. A private registry of ECR has no mirrors, and is told nothing but what
 * ECR issues.
 *
 * @throws  Error that quotes an endpoint or names an entry that cannot be used
 */
export function endpointsOf(source: ImageSource, config: RegistryConfig): readonly Endpoint[] {
  const { reference, registry } = source;
  if (registry === undefined) return endpointsFor(reference.host, config);
  return [{ url: `https://${reference.host}/v2`, login: { kind: "ecr", registry } }];
}
