/**
 * What is in an image beside the Debian packages extracted into it: our own programs, what is linked into them, and
 * what comes from the build environment. Each has its line in the inventories.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Sdk } from "../sdk/index.ts";
import { fail } from "./failures.ts";
import type { Release } from "./identity.ts";

/** A thing in the image that did not come as an extracted Debian package. */
export interface OwnPart {
  readonly name: string;
  readonly version: string;
  readonly summary: string;
  readonly homepage: string;
  /** SPDX expression. */
  readonly licence: string;
  readonly licenceText?: string;
  /** Package URL, for comparing with security advisories; our own programs have none. */
  readonly purl?: string;
}

/** Packages of the npm registry whose code ends up in pinwheel-host. */
export const BUNDLED = [
  "diff",
  "liquidjs",
  "toml-eslint-parser",
  "eslint-visitor-keys",
  "@aws/lambda-invoke-store",
  ...["client-ecr", "client-ecr-public", "core", "nested-clients", "signature-v4-multi-region"].map(
    (name) => `@aws-sdk/${name}`,
  ),
  ...["env", "http", "ini", "login", "node", "process", "sso", "web-identity"].map(
    (name) => `@aws-sdk/credential-provider-${name}`,
  ),
  ...["token-providers", "xml-builder"].map((name) => `@aws-sdk/${name}`),
  ...["core", "credential-provider-imds", "fetch-http-handler", "node-http-handler"].map(
    (name) => `@smithy/${name}`,
  ),
  ...["signature-v4", "types"].map((name) => `@smithy/${name}`),
  "bowser",
  "tuf-js",
  ...["canonical-json", "models"].map((name) => `@tufjs/${name}`),
  ...["minimatch", "brace-expansion", "balanced-match"], // of @tufjs/models
];
const RUNTIME = "@oven/bun-linux-x64-baseline";

/** Parts that the build takes from its environment instead of the extracted packages. */
const FROM_SDK: readonly { readonly name: string; readonly debian: string; readonly summary: string }[] = [
  { name: "libc6-of-pinwheel-host", debian: "libc6", summary: "C library in /usr/lib/pinwheel" },
  { name: "libc6-of-first-init", debian: "libc6", summary: "C library linked into the first init" },
  {
    name: "gnu-efi-of-boot-selector",
    debian: "gnu-efi",
    summary: "UEFI start code linked into the boot selector",
  },
];
const OWN = [
  ["pinwheel-host", "Host programs of Pinwheel"],
  ["pinwheel-first-init", "First init of Pinwheel, in the initrd"],
  ["pinwheel-boot-selector", "Boot selector of Pinwheel, on the EFI partition"],
] as const;

/**
 * All parts, in no particular order.
 *
 * @param top  the repository, with its installed packages
 * @throws image/no-version naming what the build environment does not know
 */
export async function ownParts(sdk: Sdk, top: string, release: Release): Promise<readonly OwnPart[]> {
  const status = await readFile(join(sdk.root, "var/lib/dpkg/status"), "utf8");
  const own = OWN.map(([name, summary]) => ({
    name,
    version: release.version,
    summary,
    homepage: "https://pinwheel.example/",
    licence: "Apache-2.0 OR MIT",
  }));
  const fromSdk = FROM_SDK.map(({ name, debian, summary }) => {
    const version = installedVersion(status, debian);
    if (version === undefined) throw fail("image/no-version", { packageName: debian });
    return {
      name,
      version,
      summary,
      homepage: `https://tracker.debian.org/pkg/${debian}`,
      licence: `LicenseRef-debian-${debian}`,
      purl: debianPurl(debian, version, "amd64"),
    };
  });
  const bundled = await Promise.all([RUNTIME, ...BUNDLED].map((name) => npmPart(top, name)));
  return [...own, ...fromSdk, ...bundled];
}

/** Version of an installed package in the text of dpkg's status file. */
export function installedVersion(status: string, name: string): string | undefined {
  const entry = status.split("\n\n").find((each) => each.startsWith(`Package: ${name}\n`));
  return entry === undefined ? undefined : /^Version: (\S+)$/m.exec(entry)?.[1];
}

/** The package URL of a Debian 13 package. */
export function debianPurl(name: string, version: string, architecture: string): string {
  return `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}&distro=trixie`;
}

async function npmPart(top: string, name: string): Promise<OwnPart> {
  const directory = join(top, "node_modules", name);
  const about: Record<string, unknown> = JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
  const text = (key: string) => String(about[key] ?? "");
  const licenceText = await readFile(join(directory, "LICENSE"), "utf8").catch(() => undefined);
  const isRuntime = name === RUNTIME;
  return {
    name: isRuntime ? "bun" : name,
    version: text("version"),
    summary: isRuntime ? "JavaScript runtime inside pinwheel-host" : text("description"),
    homepage: text("homepage") || `https://www.npmjs.com/package/${name}`,
    licence: text("license"),
    ...(licenceText === undefined ? {} : { licenceText }),
    purl: `pkg:npm/${name.replace("@", "%40")}@${text("version")}`,
  };
}
