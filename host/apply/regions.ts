/** Where hosts in a region of AWS get images and updates from (specification "rendered-config" 4). */

import content from "./regions.toml";

/** What regions.toml says. */
interface RegionTable {
  readonly updates: string;
  readonly elsewhere: string;
  readonly regions: { readonly [name: string]: Region };
}

interface Region {
  readonly "host-containers": string;
  readonly pause: string;
  readonly domain?: string;
  readonly updates?: string;
}

const table: RegionTable = content;
const regions: ReadonlyMap<string, Region> = new Map(Object.entries(table.regions));

/** The registry with this kind of images for hosts in a region; that of another region if the region is unknown. */
export function registryHost(region: string, images: "host-containers" | "pause"): string {
  const name = regions.has(region) ? region : table.elsewhere;
  const found = regions.get(name);
  if (found === undefined) throw new Error(`regions.toml has no ${name}`);
  return `${found[images]}.dkr.ecr.${name}.${found.domain ?? "amazonaws.com"}`;
}

/** The address of the update repository for hosts in a region, without a slash at its end. */
export function updateRepository(region: string): string {
  return regions.get(region)?.updates ?? table.updates;
}

/** What stands between that address and the metadata's folders: nothing in the public repository. */
export function metadataPrefix(region: string): "" | "/metadata" {
  return regions.get(region)?.updates === undefined ? "" : "/metadata";
}
