/** The `os` section of the model, read out of the text of the release file. */

/** Where the release file is on a host. */
export const releaseFile = "/usr/lib/os-release";

/** Facts about the running system, in the alphabetical order in which they are answered (api.md 6.6). */
export interface Os {
  readonly arch: string;
  readonly build_id: string;
  readonly pretty_name: string;
  readonly variant_id: string;
  readonly version_id: string;
}

const SEMANTIC_VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

/**
 * Reads the release file.
 *
 * @param text  lines `NAME=value`; lines with `#` first or without `=` are ignored, one pair of quotes is taken off
 * @returns the five fields, or a sentence that says what is missing or wrong
 * @source  specification "api" 6.6
 */
export function parseOsRelease(text: string, arch: string): Os | string {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const equals = line.indexOf("=");
    if (line.startsWith("#") || equals === -1) continue;
    values.set(
      line.slice(0, equals),
      line
        .slice(equals + 1)
        .replace(/^"/, "")
        .replace(/"$/, ""),
    );
  }
  const [buildId, prettyName, variantId, versionId] = FIELDS.map((name) => values.get(name));
  if (
    buildId === undefined ||
    prettyName === undefined ||
    variantId === undefined ||
    versionId === undefined
  ) {
    const missing = FIELDS.filter((name) => !values.has(name));
    return `it has no ${missing.join(", no ")}`;
  }
  if (!SEMANTIC_VERSION.test(versionId)) {
    return `its VERSION_ID is "${versionId}", which is not a version such as 1.11.1`;
  }
  return { arch, build_id: buildId, pretty_name: prettyName, variant_id: variantId, version_id: versionId };
}

const FIELDS = ["BUILD_ID", "PRETTY_NAME", "VARIANT_ID", "VERSION_ID"] as const;
