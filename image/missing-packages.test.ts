import { describe, expect, it } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readVariantSources, variantNames } from "../host/settings/variant-sources.ts";
import { silentProgress } from "../sdk/index.ts";
import { buildImage } from "./build.ts";
import { readMissingPackages } from "./missing-packages.ts";

const variants = join(import.meta.dirname, "../variants");
const shared = join(variants, "shared");

/** The names of all lists that some variant names. */
async function namedLists(): Promise<ReadonlySet<string>> {
  const named = new Set<string>();
  for (const variant of await variantNames(variants)) {
    const { definition } = await readVariantSources(variants, variant);
    for (const name of definition.packages) named.add(name);
  }
  return named;
}

describe("the package lists of all variants", () => {
  it("are there, or known to be missing, and never both", async () => {
    const files = readdirSync(join(shared, "packages")).map((file) => file.replace(/\.toml$/, ""));
    const missing = await readMissingPackages(shared);
    expect([...files, ...missing.keys()].sort()).toEqual([...(await namedLists())].sort());
  });
});

describe("a variant whose packages are not all there", () => {
  it("is refused at once, with everything that is missing and why", async () => {
    const failure = await buildImage("aws-k8s-1.24", { progress: silentProgress }).catch((error) => error);
    expect(failure.code).toBe("package-lists/not-written");
    expect(failure.message.split("\n")).toEqual([
      "aws-k8s-1.24 cannot be built yet. Its settings are complete, but these package lists are missing:",
      "kernel-cloud: the list for linux-image-cloud-amd64 is not written",
      "cni: the list for containernetworking-plugins is not written",
      "kubelet-1.24: Debian 13 has no kubelet",
      "aws-iam-authenticator: Debian 13 has no aws-iam-authenticator",
    ]);
    expect(failure.hint).toBe(
      "Build metal-base or metal-dev; or write variants/shared/packages/NAME.toml for each, and take it out of variants/shared/missing-packages.toml",
    );
  });
});
