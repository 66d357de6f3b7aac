/**
 * References to images in a private registry of Amazon ECR: by the registry's host, or in the canonical form
 * `ecr.aws/arn:PARTITION:ecr:REGION:ACCOUNT:repository/PATH[:TAG][@DIGEST]`.
 *
 * @source  specification "containers" 8.2, 8.5
 */
import { type ImageReference, parseReference } from "../reference.ts";
import { domains, type Partition, partitionOf } from "./partitions.ts";

/** Who issues the logins of a registry. */
export type EcrRegistry =
  | { readonly kind: "private"; readonly region: string; readonly isFips: boolean }
  | { readonly kind: "public" };

export interface EcrReference {
  /** `host` is that of the registry, also for a reference that was given in the canonical form. */
  readonly image: ImageReference;
  readonly canonical: string;
  readonly registry: Extract<EcrRegistry, { readonly kind: "private" }>;
}

interface Problem {
  readonly problem: string;
}

const byHost = new RegExp(
  `^(?<account>[A-Za-z0-9][\\w-]*)\\.dkr\\.(?<service>ecr|ecr-fips)\\.(?<region>[A-Za-z0-9][\\w-]*)\\.(?:${domains.map((each) => each.replaceAll(".", "\\.")).join("|")})(?<rest>.*)$`,
  "s",
);
const byArn =
  /^ecr\.aws\/arn:(?<partition>[^:]*):ecr:(?<region>[^:]*):(?<account>[A-Za-z0-9][\w-]*):repository\/(?<path>.*)$/s;

/**
 * Reads a reference to an image in a private registry.
 *
 * Hosts of FIPS endpoints are such registries too. (The reference takes them for registries of any kind, which get no
 * login.) The host that is asked follows from the region: whatever domain a reference has, a login goes to AWS alone.
 *
 * @returns `undefined` for a reference to another registry; what is wrong with one that can only mean ECR
 */
export function parseEcrReference(text: string): EcrReference | Problem | undefined {
  if (text.startsWith("ecr.aws/")) return parseCanonical(text);
  const { account = "", service, region = "", rest } = byHost.exec(text)?.groups ?? {};
  if (rest === undefined) return undefined;
  const partition = partitionOf(region);
  if (partition === undefined) return { problem: unknownRegion(region) };
  const path = /^(?::443)?\/(.*)$/s.exec(rest)?.[1];
  if (path === undefined) {
    return rest.includes("/")
      ? {
          problem: `the host of its registry does not end behind the region, but goes on with ${JSON.stringify(rest)}`,
        }
      : { problem: "it names a registry of ECR, but no repository in it" };
  }
  return referenceOf(text, { account, region, partition, path, isFips: service === "ecr-fips" });
}

function parseCanonical(text: string): EcrReference | Problem {
  const { partition: name = "", region = "", account = "", path } = byArn.exec(text)?.groups ?? {};
  if (path === undefined) {
    return { problem: "it is not ecr.aws/arn:PARTITION:ecr:REGION:ACCOUNT:repository/PATH[:TAG][@DIGEST]" };
  }
  const partition = partitionOf(region);
  if (partition === undefined) return { problem: unknownRegion(region) };
  if (partition.name !== name) {
    return {
      problem: `the region ${region} belongs to the partition ${partition.name}, not to ${JSON.stringify(name)}`,
    };
  }
  return referenceOf(text, { account, region, partition, path, isFips: false });
}

interface Parts {
  readonly account: string;
  readonly region: string;
  readonly partition: Partition;
  /** With tag and digest. */
  readonly path: string;
  readonly isFips: boolean;
}

function referenceOf(text: string, parts: Parts): EcrReference | Problem {
  const { account, region, partition, path, isFips } = parts;
  const last = path.at(-1);
  if (last === ":" || last === "@") {
    return {
      problem: `it ends with ${JSON.stringify(last)}, and has no ${last === ":" ? "tag" : "digest"} behind it`,
    };
  }
  const host = `${account}.dkr.${isFips ? "ecr-fips" : "ecr"}.${region}.${partition.domain}`;
  const image = parseReference(`${host}/${path}`);
  if ("problem" in image) return image;
  return {
    image: { ...image, text },
    canonical: `ecr.aws/arn:${partition.name}:ecr:${region}:${account}:repository/${path}`,
    registry: { kind: "private", region, isFips },
  };
}

function unknownRegion(region: string): string {
  return `the region ${JSON.stringify(region)} belongs to no partition of AWS that is known`;
}
