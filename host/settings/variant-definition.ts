/**
 * variants/NAME/variant.toml, checked: what a variant is made of. Decides; `variant-sources.ts` reads files.
 *
 *     platform = "metal"                   first word of the name
 *     runtime = "dev"                      the rest of the name: "dev", "base", "k8s-1.24", "k8s-1.24-nvidia"
 *     architectures = ["x86_64"]           which can be built; both when not given
 *     group-sets = ["base"]                files of variants/shared/groups: settings groups that many have; none
 *     groups = ["boot"]                    further settings groups of the model (host/settings/groups); none
 *     defaults = ["base", "boot"]          files of variants/shared/defaults; later ones win
 *     packages = ["base"]                  lists of variants/shared/packages
 *     units = ["base"]                     sets of variants/shared/units and variants/shared/files
 *     rules = "development"                file of variants/shared/rules: what may not be in it; production
 *     kernel-parameters = ["quiet"]        added to the command line of the image, in this order; none
 *     boot-config = true                   takes boot settings; must agree with the group boot
 *     format = "raw"                       of the published disk: raw, qcow2 or vmdk; raw
 *
 *     [layout]
 *     plan = "unified"                     split or unified; split
 *     image-size-gib = 2                   the OS disk; ROOT gets 460 MiB a GiB; 2
 *     data-size-gib = 1                    the data disk; 1
 *     publish-size-hint-gib = 22           what a publisher makes of it; 22
 */
import type { GroupName } from "./groups/index.ts";
import { groups } from "./groups/index.ts";
import { describeNode, type SourceNode, type SourceTable } from "./source.ts";
import type { TableReader } from "./table-reader.ts";
import { isGroupName } from "./variant.ts";

export interface VariantDefinition {
  readonly name: string;
  readonly platform: string;
  readonly runtime: string;
  readonly architectures: readonly Architecture[];
  /** Those of the sets, then the others; each once. */
  readonly groups: readonly GroupName[];
  readonly defaults: readonly string[];
  readonly packages: readonly string[];
  readonly units: readonly string[];
  readonly rules: (typeof rules)[number];
  readonly kernelParameters: readonly string[];
  readonly bootConfig: boolean;
  readonly format: (typeof formats)[number];
  readonly plan: (typeof plans)[number];
  readonly osSizeGiB: number;
  readonly dataSizeGiB: number;
  readonly publishSizeHintGiB: number;
}

export type Architecture = (typeof architectures)[number];

const architectures = ["x86_64", "aarch64"] as const;
const rules = ["production", "development"] as const;
const formats = ["raw", "qcow2", "vmdk"] as const;
const plans = ["split", "unified"] as const;

/**
 * Reads a variant file's content.
 *
 * @param reader  mistakes of the document go to it, and then the result is only a stand-in
 * @param sets    the groups of each set that there is
 */
export function readDefinition(
  name: string,
  document: SourceTable,
  reader: TableReader,
  sets: GroupSets,
): VariantDefinition {
  const top = reader.table("", document, topFields);
  const layoutNode = top.get("layout");
  const layout = layoutNode === undefined ? new Map() : reader.table("layout", layoutNode, layoutFields);
  const platform = reader.text("platform", top.get("platform"));
  const runtime = reader.text("runtime", top.get("runtime"));
  if (platform !== "" && runtime !== "" && `${platform}-${runtime}` !== name) {
    const found = `platform and runtime make the name ${JSON.stringify(`${platform}-${runtime}`)}`;
    reader.mistake("platform", document, found, `a folder of the same name; this one is ${name}`);
  }
  const named = namedGroups(reader, document, top, sets);
  const bootConfig = named.includes("boot");
  const said = top.get("boot-config");
  if (said !== undefined && reader.boolean("boot-config", said) !== bootConfig) {
    reader.mistake(
      "boot-config",
      said,
      `found ${describeNode(said)}`,
      "true with the group boot, else false",
    );
  }
  return {
    name,
    platform,
    runtime,
    architectures: reader.choices("architectures", top.get("architectures"), architectures, architectures),
    groups: named,
    defaults: reader.texts("defaults", top.get("defaults")),
    packages: reader.texts("packages", top.get("packages")),
    units: reader.texts("units", top.get("units")),
    rules: reader.choice("rules", top.get("rules"), rules, "production"),
    kernelParameters: reader.texts("kernel-parameters", top.get("kernel-parameters"), []),
    bootConfig,
    format: reader.choice("format", top.get("format"), formats, "raw"),
    plan: reader.choice("layout.plan", layout.get("plan"), plans, "split"),
    osSizeGiB: reader.size("layout.image-size-gib", layout.get("image-size-gib"), 2),
    dataSizeGiB: reader.size("layout.data-size-gib", layout.get("data-size-gib"), 1),
    publishSizeHintGiB: reader.size("layout.publish-size-hint-gib", layout.get("publish-size-hint-gib"), 22),
  };
}

const topFields = [
  "platform",
  "runtime",
  "architectures",
  "group-sets",
  "groups",
  "defaults",
  "packages",
  "units",
  "rules",
  "kernel-parameters",
  "boot-config",
  "format",
  "layout",
];
const layoutFields = ["plan", "image-size-gib", "data-size-gib", "publish-size-hint-gib"];

/** Settings groups under the name of their set. */
export type GroupSets = ReadonlyMap<string, readonly GroupName[]>;

/** Reads a file of variants/shared/groups: `groups = ["motd"]`. */
export function readGroupSet(document: SourceTable, reader: TableReader): readonly GroupName[] {
  return readGroups(reader, reader.table("", document, ["groups"]).get("groups"));
}

function namedGroups(
  reader: TableReader,
  document: SourceTable,
  top: ReturnType<TableReader["table"]>,
  sets: GroupSets,
): readonly GroupName[] {
  const setsNode = top.get("group-sets");
  const ofSets = reader.texts("group-sets", setsNode, []).flatMap((set) => {
    const groupsOfSet = sets.get(set);
    if (groupsOfSet === undefined) {
      const accepted = `some of ${[...sets.keys()].join(", ")}`;
      reader.mistake("group-sets", setsNode, `found ${JSON.stringify(set)}`, accepted);
    }
    return groupsOfSet ?? [];
  });
  const node = top.get("groups");
  const own = node === undefined ? [] : readGroups(reader, node);
  if (setsNode === undefined && node === undefined) {
    reader.mistake("groups", document, "neither groups nor group-sets is given", "one of them or both");
  }
  return [...new Set([...ofSets, ...own])];
}

function readGroups(reader: TableReader, node: SourceNode | undefined): GroupName[] {
  return reader.texts("groups", node).filter((name): name is GroupName => {
    if (isGroupName(name)) return true;
    const accepted = `some of ${Object.keys(groups).join(", ")}`;
    reader.mistake("groups", node, `found ${JSON.stringify(name)}`, accepted);
    return false;
  });
}
