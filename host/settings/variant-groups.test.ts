/** Which settings groups each variant has (specification "settings" 2, "rendered-config" 5.1). */
import { describe, expect, test } from "bun:test";
import { type GroupName, groups } from "./groups/index.ts";
import { sourceFromJson } from "./source.ts";
import { ownVariants, shippedModel, variantsLike } from "./testing.ts";
import { variantNames } from "./variant-sources.ts";

const everywhere: readonly GroupName[] = [
  ...(["motd", "updates", "host-containers", "bootstrap-containers", "ntp", "network", "kernel"] as const),
  ...(["metrics", "pki", "container-registry", "oci-hooks", "dns"] as const),
];

/** The matrix of section 2.2. */
const besides: [variants: string, groups: readonly GroupName[]][] = [
  ["aws-k8s-1.{21,22}", ["kubernetes", "aws", "cloudformation", "container-runtime"]],
  ["aws-k8s-1.{23,24}", ["kubernetes", "aws", "boot", "cloudformation", "container-runtime"]],
  ["aws-k8s-1.{21,22}-nvidia", ["kubernetes", "aws", "cloudformation"]],
  ["aws-k8s-1.{23,24}-nvidia", ["kubernetes", "aws", "boot", "cloudformation"]],
  ["aws-ecs-1 aws-ecs-1-nvidia", ["ecs", "aws", "cloudformation", "autoscaling"]],
  ["vmware-k8s-1.{21,22}", ["kubernetes", "aws", "container-runtime"]],
  ["vmware-k8s-1.{23,24}", ["kubernetes", "aws", "boot", "container-runtime"]],
  ["metal-k8s-1.{21,22,23,24}", ["kubernetes", "aws", "boot", "container-runtime"]],
  ["aws-dev", ["aws", "boot", "cloudformation"]],
  ["vmware-dev metal-dev metal-base", ["boot"]],
];

describe("settings Check 1: a document may name exactly the groups of its variant", () => {
  for (const [patterns, some] of besides) {
    for (const name of variantsLike(patterns)) {
      test(`${name} has those of all variants, and ${some.join(", ")}`, async () => {
        const model = await shippedModel(name);
        const accepted = Object.keys(groups).filter((group) => {
          const value = group === "motd" ? "x" : {};
          return model.checkSettings(sourceFromJson({ [group]: value })).ok;
        });
        expect(accepted.sort()).toEqual([...everywhere, ...some].sort());
      });
    }
  }

  test("there are 22 variants, and no others", async () => {
    const named = besides.flatMap(([patterns]) => variantsLike(patterns));
    expect(named).toHaveLength(22);
    expect(await variantNames(ownVariants)).toEqual(named.toSorted());
  });
});

describe("settings Check 4: names of settings on aws-k8s-1.24", () => {
  test("are written with dashes", async () => {
    const model = await shippedModel("aws-k8s-1.24");
    const isRight = (name: string) => model.checkSettings(sourceFromJson({ kubernetes: { [name]: "a" } })).ok;
    expect([isRight("cluster-name"), isRight("cluster_name")]).toEqual([true, false]);
  });
});

describe("a group that the variant lacks is refused with a hint that others have it", () => {
  test("kubernetes on metal-dev", async () => {
    const checked = (await shippedModel("metal-dev")).checkSettings(sourceFromJson({ kubernetes: {} }));
    expect(checked.ok ? [] : checked.problems.map(({ problem }) => problem)).toEqual([
      'variant metal-dev has no group "kubernetes", but others have',
    ]);
  });
});
