/** Small images, made by the test: OCI documents and layers with what containers need to say something. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

export interface TestImage {
  /** By digest: layers, configuration and manifest. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  readonly manifest: Uint8Array;
  readonly manifestDigest: string;
}

export interface ImageOptions {
  /** What a shell in it runs. */
  readonly script: string;
  readonly user?: string;
  readonly environment?: readonly string[];
  /** The bytes of one more layer, to make it bigger. */
  readonly ballast?: Uint8Array;
}

/** Where a container finds what it has stored. */
export const storage = "/.bottlerocket/host-containers/current";

/** Part of a script: waits until the test has put a file into the container's storage. */
export const awaitFile = (name: string) => `until [ -e ${storage}/${name} ]; do busybox sleep 0.05; done`;

/** A script that says when it is up, and ends when it is asked to. */
export const untilAsked = "trap 'exit 0' TERM; echo up; while :; do busybox sleep 0.1; done";

export const manifestType = "application/vnd.oci.image.manifest.v1+json";

export const digestOf = (bytes: Uint8Array) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

interface Layer {
  /** Of what is in it. */
  readonly diffId: string;
  /** As it is sent. */
  readonly bytes: Uint8Array;
}

const layerOf = (content: Uint8Array): Layer => ({
  diffId: digestOf(content),
  // Quickly: what makes a layer big here is random, and nothing else in the process goes on meanwhile.
  bytes: Bun.gzipSync(Uint8Array.from(content), { level: 1 }),
});

// All images have the same one below, and compressing it takes longer than all the rest of making an image.
const baseLayers = new Map<string, Layer>();

function baseLayer(tools: string): Layer {
  const made = baseLayers.get(tools) ?? makeBaseLayer(tools);
  baseLayers.set(tools, made);
  return made;
}

function makeBaseLayer(tools: string): Layer {
  const passwd = "root:x:0:0::/:/bin/sh\nworker:x:1001:1002::/:/bin/sh\n";
  const group = "root:x:0:\nworker:x:1002:\nextra:x:1003:worker\n";
  return layerOf(
    tar([
      { name: "bin/", mode: 0o755 },
      { name: "bin/busybox", mode: 0o755, content: readFileSync(`${tools}/usr/bin/busybox`) },
      { name: "bin/sh", link: "busybox" },
      { name: "tmp/", mode: 0o1777 },
      { name: "etc/", mode: 0o755 },
      { name: "etc/passwd", mode: 0o644, content: Buffer.from(passwd) },
      { name: "etc/group", mode: 0o644, content: Buffer.from(group) },
    ]),
  );
}

/** @param tools  the root with busybox */
export function makeImage(tools: string, { script, user, environment, ballast }: ImageOptions): TestImage {
  const layers = [
    baseLayer(tools),
    ...(ballast === undefined ? [] : [layerOf(tar([{ name: "ballast", mode: 0o644, content: ballast }]))]),
  ];
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: {
        Entrypoint: ["/bin/sh", "-c"],
        Cmd: [script],
        ...(user === undefined ? {} : { User: user }),
        ...(environment === undefined ? {} : { Env: environment }),
      },
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    }),
  );
  const describe = (mediaType: string, bytes: Uint8Array) => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: describe("application/vnd.oci.image.config.v1+json", config),
      layers: layers.map(({ bytes }) => describe("application/vnd.oci.image.layer.v1.tar+gzip", bytes)),
    }),
  );
  return {
    blobs: new Map(
      [config, ...layers.map(({ bytes }) => bytes), manifest].map((bytes) => [digestOf(bytes), bytes]),
    ),
    manifest,
    manifestDigest: digestOf(manifest),
  };
}

type Entry =
  | { readonly name: string; readonly mode: number; readonly content?: Uint8Array }
  | { readonly name: string; readonly link: string };

/** An archive of ustar form; a name with a slash at its end is a directory. */
function tar(entries: readonly Entry[]): Buffer {
  const blocks: Uint8Array[] = [];
  for (const entry of entries) {
    const isLink = "link" in entry;
    const content = isLink ? undefined : entry.content;
    const header = Buffer.alloc(512);
    const octal = (value: number, at: number, length: number) =>
      header.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at);
    header.write(entry.name, 0);
    octal(isLink ? 0o777 : entry.mode, 100, 8);
    octal(0, 108, 8);
    octal(0, 116, 8);
    octal(content?.length ?? 0, 124, 12);
    octal(0, 136, 12);
    header.fill(" ", 148, 156);
    header.write(isLink ? "2" : entry.name.endsWith("/") ? "5" : "0", 156);
    if (isLink) header.write(entry.link, 157);
    header.write("ustar\u000000", 257);
    octal(
      header.reduce((sum, byte) => sum + byte, 0),
      148,
      7,
    );
    blocks.push(header);
    if (content !== undefined) blocks.push(content, Buffer.alloc((512 - (content.length % 512)) % 512));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
