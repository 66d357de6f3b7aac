/**
 * The documents of an OCI image: configuration, manifest, index. Decides only; build.ts writes them.
 *
 * Terms: a *blob* is named by the SHA-256 of its bytes; a *layer* is a tar file, compressed, and its *diff id* the
 * SHA-256 of the tar file itself.
 *
 * @source OCI image format specification 1.1
 */
import { createHash } from "node:crypto";
import type { ImageFile } from "./image-file.ts";

export const MEDIA_TYPES = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+zstd",
} as const;

/** `sha256:` and 64 hexadecimal digits. */
export type Digest = `sha256:${string}`;

/** How one blob names another. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** In bytes. */
  readonly size: number;
}

export interface Layer extends Descriptor {
  readonly diffId: Digest;
  /** One line for people: what is in it. */
  readonly contents: string;
}

export interface Identity {
  /** The repository's name in a registry. */
  readonly name: string;
  /** The tag. */
  readonly version: string;
  readonly arch: string;
  /** Seconds since 1970. */
  readonly epoch: number;
}

export interface Documents {
  readonly config: Uint8Array;
  readonly manifest: Uint8Array;
  /** The entry file of an image layout, which names the manifest. */
  readonly index: Uint8Array;
  readonly manifestDescriptor: Descriptor;
}

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64" };

/** Describes an image of these layers, the lowest first. The same values make the same bytes. */
export function imageDocuments(image: ImageFile, identity: Identity, layers: readonly Layer[]): Documents {
  const created = new Date(identity.epoch * 1000).toISOString().replace(".000", "");
  const labels = {
    "org.opencontainers.image.title": identity.name,
    "org.opencontainers.image.version": identity.version,
    "org.opencontainers.image.description": image.summary,
    "org.opencontainers.image.created": created,
  };
  const config = json({
    created,
    architecture: ARCHITECTURES[identity.arch] ?? identity.arch,
    os: "linux",
    config: {
      Env: [PATH, ...[...image.environment].map(([name, value]) => `${name}=${value}`)],
      Entrypoint: image.entrypoint,
      Labels: labels,
    },
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
    history: layers.map((layer) => ({ created, created_by: layer.contents })),
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: descriptor(MEDIA_TYPES.config, config),
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    annotations: labels,
  });
  const manifestDescriptor = descriptor(MEDIA_TYPES.manifest, manifest);
  const index = json({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.index,
    manifests: [
      {
        ...manifestDescriptor,
        platform: { architecture: ARCHITECTURES[identity.arch] ?? identity.arch, os: "linux" },
        annotations: { "org.opencontainers.image.ref.name": `${identity.name}:${identity.version}` },
      },
    ],
  });
  return { config, manifest, index, manifestDescriptor };
}

export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function descriptor(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
