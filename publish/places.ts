/** Where a repository is (specification "updates" 12.1). Decides. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { fail } from "./failures.ts";
import type { Infra, InfraRepo } from "./infra.ts";

/** Both URLs end with a slash. */
export interface Places {
  /** Of one variant and architecture. */
  readonly metadata: string;
  readonly targets: string;
}

/** @param base  a directory or URL that has VARIANT/ARCH/ and targets/ */
export function placesBelow(base: string, variant: string, arch: string): Places {
  const url = ended(URL.canParse(base) ? base : pathToFileURL(resolve(base)).href);
  return { metadata: `${url}${variant}/${arch}/`, targets: `${url}targets/` };
}

/** The places that Infra.toml names, or undefined when it names neither. @throws publish/no-location for one alone */
export function placesOf(
  infra: Infra,
  name: string,
  repo: InfraRepo,
  variant: string,
  arch: string,
): Places | undefined {
  const { metadataBaseUrl, targetsUrl } = repo;
  if (metadataBaseUrl === undefined && targetsUrl === undefined) return undefined;
  const missing = [
    ...(metadataBaseUrl === undefined ? ["metadata_base_url"] : []),
    ...(targetsUrl === undefined ? ["targets_url"] : []),
  ];
  if (metadataBaseUrl === undefined || targetsUrl === undefined) {
    throw fail("publish/no-location", { repo: name, file: infra.file, missing });
  }
  return { metadata: `${ended(metadataBaseUrl)}${variant}/${arch}/`, targets: ended(targetsUrl) };
}

/** Where a target is: consistent snapshots have the hash in front. */
export function targetUrl(places: Places, name: string, sha256: string): string {
  return `${places.targets}${sha256}.${encodeURIComponent(name)}`;
}

function ended(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}
