/** The lab's registry, Debian's docker-registry itself, and the way of our images through it. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type BuiltContainerImage,
  buildContainerImage,
  imageNames,
  pushImage,
} from "../../containers/index.ts";
import { untilPulled } from "../../lab/pulled.ts";
import {
  findRegistry,
  registryLogSize,
  startRegistry,
  stopRegistry,
  stopUnusedRegistry,
} from "../../lab/registry.ts";
import { machineDirectory, processStartedAt, saveState } from "../../lab/state.ts";
import { ensureSdk, progressLines, type Sdk } from "../../sdk/index.ts";
import { manifestOf } from "./support/container.ts";

let sdk: Sdk;
let images: readonly BuiltContainerImage[];
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "pinwheel-registry-"));
  const progress = progressLines();
  sdk = await ensureSdk(progress);
  images = await Promise.all((await imageNames()).map((name) => buildContainerImage(name, { progress })));
});

afterAll(async () => {
  await stopRegistry(directory);
  await rm(directory, { recursive: true });
});

const sha256 = (bytes: Uint8Array) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

describe("the lab's registry", () => {
  it("runs on the loopback address alone, once, and keeps its port and images over a stop", async () => {
    expect(await findRegistry(directory)).toBeUndefined();
    const registry = await startRegistry(sdk, true, directory);
    expect(await startRegistry(sdk, false, directory)).toEqual(registry);
    expect(registry.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(registry.nameForGuests).toBe(registry.url.replace("http://127.0.0.1", "10.0.2.2"));
    for (const image of images) await pushImage(image, registry.url);
    expect(await stopRegistry(directory)).toBe(true);
    expect(await stopRegistry(directory)).toBe(false);
    expect(fetch(`${registry.url}/v2/`)).rejects.toThrow();
    expect(await startRegistry(sdk, true, directory)).toEqual(registry);
    const { repositories } = JSON.parse(await (await fetch(`${registry.url}/v2/_catalog`)).text());
    expect(repositories).toEqual(["pinwheel-admin", "pinwheel-control"]);
  });

  it("gives back what was pushed, by tag and by digest, and takes a second push without sending anything", async () => {
    const { url } = await startRegistry(sdk, true, directory);
    for (const image of images) {
      const { config, layers } = await manifestOf(image);
      expect(await pushImage(image, url)).toEqual({ found: layers.length + 1, sent: 0 });
      const base = `${url}/v2/${image.repository}`;
      const headers = { accept: "application/vnd.oci.image.manifest.v1+json" };
      for (const reference of [image.version, image.digest]) {
        const answer = await fetch(`${base}/manifests/${reference}`, { headers });
        expect(answer.headers.get("content-type")).toBe(headers.accept);
        expect(sha256(await answer.bytes())).toBe(image.digest);
      }
      for (const { digest } of [config, ...layers]) {
        expect(sha256(await (await fetch(`${base}/blobs/${digest}`)).bytes())).toBe(digest);
      }
    }
  });

  it("shows when somebody has pulled all of an image, and not before the last part", async () => {
    const registry = await startRegistry(sdk, true, directory);
    const [image] = images;
    if (image === undefined) throw new Error("no image");
    const { config, layers } = await manifestOf(image);
    const parts = [config, ...layers];
    const base = `${registry.url}/v2/${image.repository}`;
    const from = await registryLogSize(directory);
    let isOver = false;
    let answered = false;
    const pulled = untilPulled(registry, image.repository, from, () => isOver, directory).then((bytes) => {
      answered = true;
      return bytes;
    });
    const manifests = { headers: { accept: "application/vnd.oci.image.manifest.v1+json" } };
    await (await fetch(`${base}/manifests/${image.version}`, manifests)).bytes();
    for (const { digest } of parts) {
      expect(answered).toBe(false);
      await (await fetch(`${base}/blobs/${digest}`)).bytes();
    }
    expect(await pulled).toBe(parts.reduce((sum, { size }) => sum + size, 0));
    isOver = true;
    const end = await registryLogSize(directory);
    expect(await untilPulled(registry, image.repository, end, () => isOver, directory)).toBeUndefined();
  });

  it("is told of by name when it cannot be reached, or takes no images", async () => {
    const [image] = images;
    if (image === undefined) throw new Error("no image");
    const closed = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("") });
    const url = `http://127.0.0.1:${closed.port}`;
    await closed.stop(true);
    expect(pushImage(image, url)).rejects.toThrow(`The registry ${url} cannot be reached: `);
    const refusing = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: (request) => new Response("log in first", { status: request.method === "HEAD" ? 404 : 401 }),
    });
    const { layers } = await manifestOf(image);
    await expect(pushImage(image, `http://127.0.0.1:${refusing.port}`)).rejects.toThrow(
      `The registry did not take ${layers[0].digest}: POST upload was answered with 401: log in first`,
    );
    await refusing.stop(true);
  });

  it("starts on another port when it is forgotten, and says why it does not start on one that is taken", async () => {
    await stopRegistry(directory);
    const file = join(directory, "registry.json");
    const other = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("{}") });
    const { port } = other;
    await Bun.write(file, JSON.stringify({ ...JSON.parse(await readFile(file, "utf8")), port }));
    await expect(startRegistry(sdk, true, directory)).rejects.toThrow(
      new RegExp(`The lab's registry did not start:\\n[^]*127.0.0.1:${port}: bind: address already in use`),
    );
    await rm(file);
    expect((await startRegistry(sdk, true, directory)).url).not.toBe(`http://127.0.0.1:${port}`);
    await other.stop(true);
    expect((await stat(join(directory, "registry.log"))).size).toBeGreaterThan(0);
  });

  it("ends with the last machine that needs it, unless it was started by hand", async () => {
    await stopRegistry(directory);
    // A process that stands for a machine's QEMU.
    const qemu = Bun.spawn(["sleep", "600"]);
    const name = "test-registry";
    const pidStartedAt = (await processStartedAt(qemu.pid)) ?? "";
    const machine = {
      name,
      variant: "metal-dev",
      hasConsoleShell: true,
      sshPort: 1,
      disk: "",
      image: undefined,
      ephemeral: false,
      acceleration: "tcg",
      consoleFrom: 0,
    };
    try {
      await saveState({ ...machine, registry: true, pid: qemu.pid, pidStartedAt });
      await startRegistry(sdk, false, directory);
      await stopUnusedRegistry(directory);
      expect(await findRegistry(directory)).toBeDefined();
      qemu.kill("SIGKILL");
      await qemu.exited;
      await stopUnusedRegistry(directory);
      expect(await findRegistry(directory)).toBeUndefined();
      await startRegistry(sdk, true, directory);
      await stopUnusedRegistry(directory);
      expect(await findRegistry(directory)).toBeDefined();
    } finally {
      qemu.kill("SIGKILL");
      await rm(machineDirectory(name), { recursive: true, force: true });
    }
  });
});
