/** A built container image, unpacked, in which tests run scripts. */
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BuiltContainerImage, buildContainerImage } from "../../../containers/index.ts";
import { ensureSdk, progressLines, type Sdk } from "../../../sdk/index.ts";

const SCRIPT = join(import.meta.dirname, "container.sh");
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The layers' digests in the order they are put on each other, from the manifest. */
export async function manifestOf(image: BuiltContainerImage) {
  const bytes = await readFile(join(image.layout, "blobs", image.digest.replace(":", "/")));
  // The test that calls this looks at what it needs.
  return JSON.parse(bytes.toString());
}

export class Container {
  readonly #sdk: Sdk;
  readonly #directory: string;

  private constructor(sdk: Sdk, directory: string) {
    this.#sdk = sdk;
    this.#directory = directory;
  }

  /** Builds the image, or finds it, and unpacks its layers. */
  static async of(name: string): Promise<Container> {
    const progress = progressLines();
    const sdk = await ensureSdk(progress);
    const image = await buildContainerImage(name, { progress });
    const directory = await mkdtemp(join(tmpdir(), `pinwheel-${name}-`));
    const container = new Container(sdk, directory);
    await mkdir(container.#root);
    for (const layer of (await manifestOf(image)).layers) {
      const blob = join(image.layout, "blobs", layer.digest.replace(":", "/"));
      await sdk.run(
        ["tar", "--extract", "--zstd", "--numeric-owner", "--file", blob, "-C", container.#root],
        {
          readable: [blob],
          writable: [directory],
        },
      );
    }
    return container;
  }

  /** Removes the root and all storages. */
  remove(): Promise<void> {
    return rm(this.#directory, { recursive: true, force: true });
  }

  get #root(): string {
    return join(this.#directory, "root");
  }

  /** A new and empty persistent storage, with this user data if there is any. */
  async storage(userData?: unknown): Promise<string> {
    const storage = await mkdtemp(join(this.#directory, "storage-"));
    if (userData !== undefined) {
      const text = typeof userData === "string" ? userData : JSON.stringify(userData);
      await Bun.write(join(storage, "user-data"), text);
    }
    return storage;
  }

  /**
   * Runs a bash script in a fresh container with this storage.
   *
   * @returns what it printed
   * @throws with its output when it ends with another code than 0
   */
  run(storage: string, script: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    const enter = ["unshare", "--net", "--pid", "--fork", "--kill-child", "sh", SCRIPT];
    return this.#sdk.run([...enter, this.#root, storage, script], {
      readable: [SCRIPT],
      writable: [this.#directory],
      env: { PATH, ...env },
    });
  }
}
