/** Disks, processors and command line of each variant (specification "os-image" 11). */
import { describe, expect, it } from "bun:test";
import { join } from "node:path";
import { readVariantSources, variantNames } from "../host/settings/variant-sources.ts";

const variants = join(import.meta.dirname, "../variants");

const both = ["x86_64", "aarch64"];
const intel = ["x86_64"];

// metal-base is not in the reference. It and the development variant for metal are built for one architecture only, so far.
const disks: [
  variants: RegExp,
  osGiB: number,
  plan: string,
  format: string,
  architectures: readonly string[],
][] = [
  [/^aws-(dev|ecs-1|k8s-1\.2[1-4])$/, 2, "split", "raw", both],
  [/^aws-.*-nvidia$/, 4, "split", "raw", both],
  [/^metal-(dev|base)$/, 2, "unified", "raw", intel],
  [/^metal-k8s-1\.2[1-4]$/, 4, "unified", "raw", intel],
  [/^vmware-(dev|k8s-1\.2[2-4])$/, 2, "unified", "vmdk", intel],
  [/^vmware-k8s-1\.21$/, 2, "split", "vmdk", intel],
];

const aws =
  "console=tty0 console=ttyS0,115200n8 net.ifnames=0 netdog.default-interface=eth0:dhcp4,dhcp6? quiet";
const vmware =
  "console=tty1 crashkernel=2G-:256M net.ifnames=0 netdog.default-interface=eth0:dhcp4,dhcp6? quiet";
const commandLines: [variants: RegExp, parameters: string][] = [
  [/^aws-(k8s|ecs)-/, aws],
  [/^aws-dev$/, aws.replace("115200n8", "115200n8 crashkernel=2G-:256M")],
  [/^vmware-/, vmware],
  [/^metal-k8s-/, "crashkernel=2G-:256M"],
  // Nothing there uses the memory that the reference sets aside for a second kernel.
  [/^metal-(dev|base)$/, ""],
];

describe("os-image 11", async () => {
  for (const name of await variantNames(variants)) {
    const { definition } = await readVariantSources(variants, name);

    it(`${name} has its disks, format and architectures`, () => {
      const { osSizeGiB, dataSizeGiB, publishSizeHintGiB, plan, format, architectures } = definition;
      const rows = disks.filter(([pattern]) => pattern.test(name)).map(([, ...row]) => row);
      expect(rows).toEqual([[osSizeGiB, plan, format, architectures]]);
      expect({ dataSizeGiB, publishSizeHintGiB }).toEqual({ dataSizeGiB: 1, publishSizeHintGiB: 22 });
    });

    it(`${name} starts its kernel with its parameters`, () => {
      const lines = commandLines.filter(([pattern]) => pattern.test(name)).map(([, line]) => line);
      expect([definition.kernelParameters.join(" ")]).toEqual(lines);
    });

    it(`${name} may have a shell on its console only if it is for development`, () => {
      expect(definition.rules).toBe(name.endsWith("-dev") ? "development" : "production");
      expect(definition.units.includes("development")).toBe(name.endsWith("-dev"));
      expect(definition.packages.includes("development")).toBe(name.endsWith("-dev"));
    });
  }
});
