/**
 * A registry that guests pull from: the lab's, in a directory and on a port of its own, so that a test can take it away
 * and bring it back while machines run.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type BuiltContainerImage, pushImage } from "../../../containers/index.ts";
import { publishImages } from "../../../lab/publish.ts";
import { type Registry, startRegistry, stopRegistry } from "../../../lab/registry.ts";
import { registrySettings } from "../../../lab/registry-settings.ts";
import { ensureSdk, progressLines, type Sdk } from "../../../sdk/index.ts";
import { makeImage } from "../../containers/support/image.ts";
import { containerTools } from "../../containers/support/tools.ts";

const DIRECTORY = join(import.meta.dirname, "../../../build/test-registries");
const TAG = "1";

export class GuestRegistry {
  private constructor(
    private readonly sdk: Sdk,
    private readonly directory: string,
    private readonly registry: Registry,
  ) {}

  /** Starts an empty one. One of the same name that an interrupted run left behind is stopped and forgotten. */
  static async start(name: string): Promise<GuestRegistry> {
    const sdk = await ensureSdk(progressLines());
    const directory = join(DIRECTORY, name);
    await stopRegistry(directory);
    await rm(directory, { recursive: true, force: true });
    return new GuestRegistry(sdk, directory, await startRegistry(sdk, true, directory));
  }

  /** Takes it away: nobody listens on its port. What it has stays. */
  async stop(): Promise<void> {
    await stopRegistry(this.directory);
  }

  async startAgain(): Promise<void> {
    await startRegistry(this.sdk, true, this.directory);
  }

  /** The reference of a small image, whether it is there or not. */
  sourceOf(repository: string): string {
    return `${this.registry.nameForGuests}/${repository}:${TAG}`;
  }

  /** For guests: what their errors name. */
  get nameForGuests(): string {
    return this.registry.nameForGuests;
  }

  /** The setting that has it asked over plain HTTP, as TOML. */
  get settings(): string {
    return registrySettings(this.registry, []);
  }

  /**
   * One of our own images, built when it is not yet.
   *
   * @returns its reference
   */
  async pushOurs(name: string): Promise<string> {
    const [image] = await publishImages([name], this.registry.url, progressLines());
    return `${this.nameForGuests}/${image?.repository}:${image?.version}`;
  }

  /**
   * A small image in which busybox runs a script.
   *
   * @returns its reference
   */
  async push(repository: string, script: string): Promise<string> {
    const image = makeImage(await containerTools(), { script });
    const layout = await mkdtemp(join(tmpdir(), "pinwheel-image-"));
    try {
      for (const [digest, bytes] of image.blobs) {
        const file = join(layout, "blobs", digest.replace(":", "/"));
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, bytes);
      }
      const digest = image.manifestDigest as BuiltContainerImage["digest"];
      const built = { name: repository, repository, version: TAG, digest, layout, packages: [] };
      await pushImage(built, this.registry.url);
    } finally {
      await rm(layout, { recursive: true, force: true });
    }
    return this.sourceOf(repository);
  }
}
