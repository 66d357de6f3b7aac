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

export const manifestType = "application/vnd.oci.image.manifest.v1+json";

export const digestOf = (bytes: Uint8Array) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** @param tools  the root with busybox */
export function makeImage(tools: string, { script, user, environment, ballast }: ImageOptions): TestImage {
  const busybox = readFileSync(`${tools}/usr/bin/busybox`);
  const base = tar([
    { name: "bin/", mode: 0o755 },
    { name: "bin/busybox", mode: 0o755, content: busybox },
    { name: "bin/sh", link: "busybox" },
    { name: "tmp/", mode: 0o1777 },
    { name: "etc/", mode: 0o755 },
    {
      name: "etc/passwd",
      mode: 0o644,
      content: Buffer.from("root:x:0:0::/:/bin/sh\nworker:x:1001:1002::/:/bin/sh\n"),
    },
    {
      name: "etc/group",
      mode: 0o644,
      content: Buffer.from("root:x:0:\nworker:x:1002:\nextra:x:1003:worker\n"),
    },
  ]);
  const contents = [
    base,
    ...(ballast === undefined ? [] : [tar([{ name: "ballast", mode: 0o644, content: ballast }])]),
  ];
  const layers = contents.map((content) => Bun.gzipSync(Uint8Array.from(content)));
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
      rootfs: { type: "layers", diff_ids: contents.map(digestOf) },
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
      layers: layers.map((layer) => describe("application/vnd.oci.image.layer.v1.tar+gzip", layer)),
    }),
  );
  return {
    blobs: new Map([config, ...layers, manifest].map((bytes) => [digestOf(bytes), bytes])),
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
