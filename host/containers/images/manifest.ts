/** The documents that describe an image: index and manifest, of OCI and of Docker. Checked once, here. */
import { isDigest } from "./reference.ts";

/** Names content, and says what it is. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export type ImageDocument =
  | { readonly kind: "index"; readonly manifests: readonly PlatformManifest[] }
  | { readonly kind: "manifest"; readonly config: Descriptor; readonly layers: readonly Descriptor[] };

interface PlatformManifest extends Descriptor {
  readonly os: string;
  readonly architecture: string;
}

const indexTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];
const manifestTypes = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** What is asked for, in the header Accept. */
export const acceptedTypes = [...indexTypes, ...manifestTypes].join(", ");

/**
 * Reads an index or a manifest.
 *
 * @param mediaType  as the registry or the descriptor that led here says
 * @throws  Error that says what is wrong with it
 */
export function parseImageDocument(mediaType: string, bytes: Uint8Array): ImageDocument {
  const json = tableOf(JSON.parse(new TextDecoder().decode(bytes)), "the manifest");
  if (indexTypes.includes(mediaType)) {
    return {
      kind: "index",
      manifests: listOf(json.manifests, "manifests").map((each, index) => {
        const { platform = {} } = tableOf(each, `manifests[${index}]`);
        const { os, architecture } = tableOf(platform, `manifests[${index}].platform`);
        return {
          ...descriptorOf(each, `manifests[${index}]`),
          os: String(os ?? ""),
          architecture: String(architecture ?? ""),
        };
      }),
    };
  }
  if (manifestTypes.includes(mediaType)) {
    return {
      kind: "manifest",
      config: descriptorOf(json.config, "config"),
      layers: listOf(json.layers, "layers").map((each, index) => descriptorOf(each, `layers[${index}]`)),
    };
  }
  throw new Error(`a manifest of type ${JSON.stringify(mediaType)} cannot be used`);
}

/** What an image says about the process that is to run in it. */
export interface ImageConfig {
  /** Digests of the unpacked layers, lowest first. */
  readonly diffIds: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: readonly string[];
  readonly workingDirectory: string;
  /** NAME or number, with a group behind a colon; empty for root. */
  readonly user: string;
}

/** @throws Error that says what is wrong with it */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const json = tableOf(JSON.parse(new TextDecoder().decode(bytes)), "the configuration");
  const config = tableOf(json.config ?? {}, "config");
  const rootfs = tableOf(json.rootfs, "rootfs");
  const diffIds = textsOf(rootfs.diff_ids, "rootfs.diff_ids");
  const bad = diffIds.find((id) => !isDigest(id));
  if (bad !== undefined) throw new Error(`rootfs.diff_ids has ${JSON.stringify(bad)}, which is no digest`);
  return {
    diffIds,
    entrypoint: textsOf(config.Entrypoint ?? [], "config.Entrypoint"),
    command: textsOf(config.Cmd ?? [], "config.Cmd"),
    environment: textsOf(config.Env ?? [], "config.Env"),
    workingDirectory: textOf(config.WorkingDir ?? "", "config.WorkingDir"),
    user: textOf(config.User ?? "", "config.User"),
  };
}

function descriptorOf(value: unknown, name: string): Descriptor {
  const { mediaType, digest, size } = tableOf(value, name);
  if (typeof digest !== "string" || !isDigest(digest)) throw new Error(`${name}.digest is not a digest`);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    throw new Error(`${name}.size is not a number of bytes`);
  }
  return { mediaType: textOf(mediaType, `${name}.mediaType`), digest, size };
}

function tableOf(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new Error(`${name} is not an object`);
}

function listOf(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`${name} is not a list`);
}

function textsOf(value: unknown, name: string): readonly string[] {
  return listOf(value, name).map((each, index) => textOf(each, `${name}[${index}]`));
}

function textOf(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw new Error(`${name} is not a text`);
}
