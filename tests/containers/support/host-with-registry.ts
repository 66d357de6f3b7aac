/** What most tests of containers begin with: a host, and a registry with the images that the tests put there. */
import { afterAll, beforeAll } from "bun:test";
import { ContainerHost, type CtrOptions, type Running } from "./host.ts";
import { type ImageOptions, makeImage, type TestImage } from "./image.ts";
import { type Fault, TestRegistry } from "./registry.ts";

/** How an image of the registry is named on the host. */
export const sourceOf = (name: string) => `registry.test/${name}:1`;

/** What an image is made of; a script alone stands for the image that runs it. */
type Made = string | ImageOptions;

export class HostWithRegistry {
  private constructor(
    readonly host: ContainerHost,
    readonly registry: TestRegistry,
  ) {}

  static async start(): Promise<HostWithRegistry> {
    const registry = await TestRegistry.start();
    const host = await ContainerHost.start();
    await host.useRegistry(registry.address);
    return new HostWithRegistry(host, registry);
  }

  /** Puts an image into the registry. */
  put(name: string, made: Made, fault?: Fault): TestImage {
    const image = makeImage(this.host.tools, typeof made === "string" ? { script: made } : made);
    this.registry.put(name, image, fault);
    return image;
  }

  /** Puts an image into the registry, and starts a container of its name from it. */
  runContainer(
    name: string,
    made: Made,
    flags: readonly string[] = [],
    options?: CtrOptions,
  ): Promise<Running> {
    this.put(name, made);
    return this.host.runContainer(name, sourceOf(name), flags, options);
  }

  /** Runs such a container to its end, and returns what it printed itself. @throws Error if it fails */
  async outputOf(name: string, made: Made, flags: readonly string[] = []): Promise<string> {
    const running = await this.runContainer(name, made, flags);
    const { exitCode } = await running.ended;
    if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${running.stdout()}${running.stderr()}`);
    const lines = running.stdout().split("\n");
    return lines.filter((line) => !line.startsWith("time=")).join("\n");
  }

  async stop(): Promise<void> {
    await this.host.remove();
    await this.registry.stop();
  }
}

/** The host of a file of tests, there before the first of them and gone after the last. */
export function hostOfThisFile() {
  let started: HostWithRegistry | undefined;
  beforeAll(async () => {
    started = await HostWithRegistry.start();
  }, 600_000);
  afterAll(() => started?.stop());
  const now = (): HostWithRegistry => {
    if (started === undefined) throw new Error("The host of a file is there from its first test on");
    return started;
  };
  return {
    get host() {
      return now().host;
    },
    get registry() {
      return now().registry;
    },
    put: (...words: Parameters<HostWithRegistry["put"]>) => now().put(...words),
    runContainer: (...words: Parameters<HostWithRegistry["runContainer"]>) => now().runContainer(...words),
    outputOf: (...words: Parameters<HostWithRegistry["outputOf"]>) => now().outputOf(...words),
  };
}
