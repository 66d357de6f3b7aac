/** What is in an image: the inventory that host containers see (os-image.md 10.3) and an SPDX document. */
import type { Release } from "./identity.ts";
import { debianPurl, type OwnPart } from "./own-parts.ts";
import type { ExtractedPackage } from "./packages.ts";

/**
 * application-inventory.json. Unlike the reference's, `Version` is each package's own, so that it can be compared with
 * security advisories.
 */
export function applicationInventory(
  release: Release,
  packages: readonly ExtractedPackage[],
  own: readonly OwnPart[],
): string {
  const common = {
    Publisher: "Pinwheel",
    Release: release.buildId,
    InstalledTime: new Date(release.epoch * 1000).toISOString().replace(/\.\d+Z$/, "Z"),
    ApplicationType: "Unspecified",
  };
  const entries = [
    ...packages.map((each) => ({
      Name: each.name,
      Version: each.version,
      Architecture: each.architecture === "all" ? "noarch" : release.arch,
      Url: each.homepage,
      Summary: each.summary,
    })),
    ...own.map((part) => ({
      Name: part.name,
      Version: part.version,
      Architecture: release.arch,
      Url: part.homepage,
      Summary: part.summary,
    })),
  ].sort((a, b) => (a.Name < b.Name ? -1 : 1));
  const content = entries.map(({ Name, Version, Architecture, Url, Summary }) => ({
    Name,
    Publisher: common.Publisher,
    Version,
    Release: common.Release,
    InstalledTime: common.InstalledTime,
    ApplicationType: common.ApplicationType,
    Architecture,
    Url,
    Summary,
  }));
  return `${JSON.stringify({ Content: content })}\n`;
}

/** An SPDX 2.3 document in JSON, with a package URL for each Debian package. */
export function spdxDocument(
  release: Release,
  packages: readonly ExtractedPackage[],
  own: readonly OwnPart[],
): string {
  const name = `pinwheel-${release.variant}-${release.arch}-${release.version}-${release.buildId}`;
  const spdxId = (text: string) => `SPDXRef-Package-${text.replace(/[^A-Za-z0-9.-]/g, "-")}`;
  const listed = [
    ...packages.map((each) => ({
      SPDXID: spdxId(each.name),
      name: each.name,
      versionInfo: each.version,
      supplier: "Organization: Debian",
      downloadLocation: "NOASSERTION",
      filesAnalyzed: false,
      sourceInfo: `built from the Debian source package ${each.source}`,
      licenseConcluded: "NOASSERTION",
      licenseDeclared: "NOASSERTION",
      copyrightText: "NOASSERTION",
      externalRefs: [packageUrl(debianPurl(each.name, each.version, each.architecture))],
    })),
    ...own.map((part) => ({
      SPDXID: spdxId(part.name),
      name: part.name,
      versionInfo: part.version,
      downloadLocation: "NOASSERTION",
      filesAnalyzed: false,
      licenseConcluded: "NOASSERTION",
      licenseDeclared: part.licence.startsWith("LicenseRef-") ? "NOASSERTION" : part.licence,
      copyrightText: "NOASSERTION",
      ...(part.purl === undefined ? {} : { externalRefs: [packageUrl(part.purl)] }),
    })),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
  const document = {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name,
    documentNamespace: `urn:pinwheel:${name}`,
    creationInfo: {
      created: new Date(release.epoch * 1000).toISOString().replace(/\.\d+Z$/, "Z"),
      creators: [`Tool: pinwheel-${release.version}`],
    },
    packages: listed,
    relationships: listed.map((each) => ({
      spdxElementId: "SPDXRef-DOCUMENT",
      relationshipType: "DESCRIBES",
      relatedSpdxElement: each.SPDXID,
    })),
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

function packageUrl(referenceLocator: string) {
  return { referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator };
}
