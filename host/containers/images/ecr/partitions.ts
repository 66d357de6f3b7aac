/** Which partition of AWS a region belongs to: partitions.toml, as references to images need it. */
import content from "./partitions.toml";

export interface Partition {
  /** As ARNs have it: `aws-cn`. */
  readonly name: string;
  /** Of the registries in it. */
  readonly domain: string;
}

const table: Readonly<Record<string, { readonly domain: string; readonly prefixes: readonly string[] }>> =
  content;

const partitions = Object.entries(table).map(([name, { domain, prefixes }]) => ({
  partition: { name, domain },
  regions: new RegExp(`^(?:${prefixes.join("|")})-\\w+-\\d+$`),
}));

/** The domains of all registries, longer ones before those they begin like. */
export const domains = [...new Set(partitions.map(({ partition }) => partition.domain))].sort().reverse();

/** @returns `undefined` for a region that is in none of them */
export function partitionOf(region: string): Partition | undefined {
  return partitions.find(({ regions }) => regions.test(region))?.partition;
}
