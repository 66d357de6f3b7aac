/** Debian's docker-registry, over TLS, which lets in whoever has one login, or everybody. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Sdk } from "../../../sdk/index.ts";
import type { Certificate } from "./certificate.ts";
import { untilTrue } from "./host.ts";
import { manifestType, type TestImage } from "./image.ts";

export class DockerRegistry {
  private constructor(
    private readonly process: Bun.Subprocess,
    private readonly certificate: Certificate,
    readonly port: number,
  ) {}

  /**
   * @param directory  of its images, which registries can share
   * @param login      `undefined` if it lets everybody in
   */
  static async start(
    sdk: Sdk,
    directory: string,
    certificate: Certificate,
    login?: { readonly username: string; readonly password: string },
  ): Promise<DockerRegistry> {
    const port = freePort();
    const users = join(directory, "users");
    if (login !== undefined) {
      const hash = await Bun.password.hash(login.password, { algorithm: "bcrypt", cost: 4 });
      await writeFile(users, `${login.username}:${hash}\n`);
    }
    await mkdir(join(directory, "images"), { recursive: true });
    const config = join(directory, `${port}.yml`);
    const [cert, key] = ["cert.pem", "key.pem"].map((name) => join(certificate.directory, name));
    // JSON is YAML.
    const settings = {
      version: "0.1",
      storage: { filesystem: { rootdirectory: join(directory, "images") } },
      http: { addr: `127.0.0.1:${port}`, tls: { certificate: cert, key } },
      ...(login === undefined ? {} : { auth: { htpasswd: { realm: "test", path: users } } }),
    };
    await writeFile(config, JSON.stringify(settings));
    const { command, env } = sdk.wrap(["docker-registry", "serve", config], {
      writable: [directory],
      readable: [certificate.directory],
    });
    const child = Bun.spawn([...command], {
      env,
      stdin: "ignore",
      stdout: "ignore",
      stderr: Bun.file(join(directory, `${port}.log`)),
    });
    const registry = new DockerRegistry(child, certificate, port);
    await untilTrue("docker-registry answers", () =>
      registry.ask("/v2/").then(
        () => true,
        () => false,
      ),
    );
    return registry;
  }

  /** Puts an image into it, with the tag 1; into one that lets everybody in. */
  async push(repository: string, image: TestImage): Promise<void> {
    for (const [digest, body] of image.blobs) {
      const begun = await this.ask(`/v2/${repository}/blobs/uploads/`, { method: "POST" });
      const place = new URL(begun.headers.get("location") ?? "", "https://registry.test");
      place.searchParams.set("digest", digest);
      await this.put(`${place.pathname}${place.search}`, "application/octet-stream", body);
    }
    await this.put(`/v2/${repository}/manifests/1`, manifestType, image.manifest);
  }

  async stop(): Promise<void> {
    this.process.kill("SIGTERM");
    await this.process.exited;
  }

  private async put(path: string, type: string, content: Uint8Array): Promise<void> {
    const body = Uint8Array.from(content);
    const answer = await this.ask(path, { method: "PUT", headers: { "Content-Type": type }, body });
    if (answer.status !== 201) throw new Error(`PUT ${path}: ${answer.status} ${await answer.text()}`);
  }

  private ask(path: string, init: RequestInit = {}): Promise<Response> {
    const tls = { ca: this.certificate.authority, checkServerIdentity: () => undefined };
    return fetch(`https://127.0.0.1:${this.port}${path}`, { ...init, tls });
  }
}

/** One that nobody listens on now: the system chooses. */
function freePort(): number {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = server;
  server.stop(true);
  return port;
}
