/** The images themselves: what an OCI image must be, and the same bytes when it is made again. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { type BuiltContainerImage, buildContainerImage, imageNames } from "../../containers/index.ts";
import { progressLines, silentProgress } from "../../sdk/index.ts";
import { manifestOf } from "./support/container.ts";

let images: readonly BuiltContainerImage[];
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "pinwheel-containers-"));
  const progress = progressLines();
  images = await Promise.all((await imageNames()).map((name) => buildContainerImage(name, { progress })));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

const sha256 = (bytes: Uint8Array) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const blobOf = (image: BuiltContainerImage, digest: string) =>
  readFile(join(image.layout, "blobs", digest.replace(":", "/")));

describe("the layouts of the container images", () => {
  it("hold one manifest for linux/amd64, by its digest, with the image's name", async () => {
    for (const image of images) {
      expect(JSON.parse(await readFile(join(image.layout, "oci-layout"), "utf8"))).toEqual({
        imageLayoutVersion: "1.0.0",
      });
      const index = JSON.parse(await readFile(join(image.layout, "index.json"), "utf8"));
      const bytes = await blobOf(image, image.digest);
      expect(index).toEqual({
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.index.v1+json",
        manifests: [
          {
            mediaType: "application/vnd.oci.image.manifest.v1+json",
            digest: sha256(bytes),
            size: bytes.length,
            platform: { architecture: "amd64", os: "linux" },
            annotations: { "org.opencontainers.image.ref.name": `pinwheel-${image.name}:${image.version}` },
          },
        ],
      });
    }
  });

  it("hold exactly the blobs that the manifest names, each with the bytes of its digest and size", async () => {
    for (const image of images) {
      const { config, layers } = await manifestOf(image);
      expect(config.mediaType).toBe("application/vnd.oci.image.config.v1+json");
      for (const { digest, size } of [config, ...layers]) {
        const bytes = await blobOf(image, digest);
        expect({ digest, size }).toEqual({ digest: sha256(bytes), size: bytes.length });
      }
      const named = [image.digest, config.digest, ...layers.map((layer: { digest: string }) => layer.digest)];
      expect(
        (await readdir(join(image.layout, "blobs/sha256"))).map((name) => `sha256:${name}`).sort(),
      ).toEqual(named.sort());
    }
  });

  it("have layers whose tar files are those that the configuration names", async () => {
    for (const image of images) {
      const { config, layers } = await manifestOf(image);
      const { rootfs, os, architecture } = JSON.parse((await blobOf(image, config.digest)).toString());
      expect({ os, architecture, type: rootfs.type }).toEqual({
        os: "linux",
        architecture: "amd64",
        type: "layers",
      });
      const diffIds: string[] = [];
      for (const { digest, mediaType } of layers) {
        expect(mediaType).toBe("application/vnd.oci.image.layer.v1.tar+zstd");
        diffIds.push(sha256(zstdDecompressSync(await blobOf(image, digest))));
      }
      expect(rootfs.diff_ids).toEqual(diffIds);
    }
  });

  it("name a program to run, a PATH with apiclient's folder in it, and what the image is", async () => {
    for (const image of images) {
      const { config } = await manifestOf(image);
      const { Entrypoint, Env, Labels } = JSON.parse((await blobOf(image, config.digest)).toString()).config;
      expect(Entrypoint).toEqual(["/usr/bin/tini", "-s", "--", `/usr/sbin/start-${image.name}`]);
      expect(Env[0]).toBe("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
      expect(Labels["org.opencontainers.image.title"]).toBe(`pinwheel-${image.name}`);
      expect(Labels["org.opencontainers.image.version"]).toBe(image.version);
    }
  });

  it("are small enough to be pulled by a host under emulation: 45 and 25 MiB", async () => {
    const sizes = await Promise.all(
      images.map(async (image) => {
        const { layers } = await manifestOf(image);
        return layers.reduce((sum: number, layer: { size: number }) => sum + layer.size, 0) / 2 ** 20;
      }),
    );
    expect(sizes[0]).toBeLessThan(45);
    expect(sizes[1]).toBeLessThan(25);
  });

  it("have the same bytes when the packages are installed again", async () => {
    const kept = process.env.XDG_CACHE_HOME;
    const cache = join(directory, "cache");
    await mkdir(join(cache, "pinwheel"), { recursive: true });
    await symlink(join(kept ?? join(homedir(), ".cache"), "pinwheel/sdk"), join(cache, "pinwheel/sdk"));
    process.env.XDG_CACHE_HOME = cache;
    try {
      // Side by side, as above: each is one processor's work.
      const builds = images.map(async (image) => ({
        ...image,
        again: await buildContainerImage(image.name, { progress: silentProgress }),
      }));
      for (const { name, digest, layout, packages, again } of await Promise.all(builds)) {
        // A mirror may have got newer versions since; then there is nothing to compare.
        if (Bun.deepEquals(again.packages, packages))
          expect({ name, digest: again.digest }).toEqual({ name, digest });
        else console.warn(`${name}: not compared, the mirror has other versions than ${layout}`);
      }
    } finally {
      if (kept === undefined) delete process.env.XDG_CACHE_HOME;
      else process.env.XDG_CACHE_HOME = kept;
    }
  }, 600_000);
});
