/**
 * A registry as the OCI distribution specification has it, for reading: manifests, blobs, ranges, tokens. Each
 * repository can be made to fail in a way of its own.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Certificate } from "./certificate.ts";
import { digestOf, manifestType, type TestImage } from "./image.ts";

export interface RegistryRequest {
  readonly repository: string;
  readonly kind: "manifests" | "blobs";
  /** Tag or digest. */
  readonly which: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
  readonly atMs: number;
  /** How many of this kind there were for the repository before. */
  readonly before: number;
}

/** What is done instead of answering; `false` if the answer is to be as always. */
export type Fault = (request: RegistryRequest, response: ServerResponse, bytes: Uint8Array) => boolean;

export class TestRegistry {
  private readonly images = new Map<string, TestImage>();
  private readonly faults = new Map<string, Fault>();
  readonly requests: RegistryRequest[] = [];

  private constructor(private readonly server: Server) {}

  /** @param certificate  of a registry that speaks TLS */
  static async start(port = 0, certificate?: Certificate): Promise<TestRegistry> {
    const server = certificate === undefined ? createServer() : createTlsServer(certificate);
    const registry = new TestRegistry(server);
    server.on("request", (request, response) => registry.answer(request, response));
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    return registry;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Has an image under this name, with any tag. */
  put(repository: string, image: TestImage, fault?: Fault): void {
    this.images.set(repository, image);
    if (fault !== undefined) this.faults.set(repository, fault);
  }

  heal(repository: string): void {
    this.faults.delete(repository);
  }

  of(repository: string, kind?: RegistryRequest["kind"]): readonly RegistryRequest[] {
    return this.requests.filter(
      (each) => each.repository === repository && (kind ?? each.kind) === each.kind,
    );
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const [, repository = "", kind, which = ""] =
      /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(request.url ?? "") ?? [];
    if (kind !== "manifests" && kind !== "blobs") {
      response.writeHead(404).end();
      return;
    }
    const { range, authorization } = request.headers;
    const before = this.of(repository, kind).length;
    const seen = { repository, kind, which, range, authorization, atMs: performance.now(), before } as const;
    this.requests.push(seen);
    const image = this.images.get(repository);
    const isManifest = kind === "manifests";
    const bytes = isManifest ? image?.manifest : image?.blobs.get(which);
    if (image === undefined || bytes === undefined) {
      refuse(response, 404, isManifest ? "MANIFEST_UNKNOWN" : "BLOB_UNKNOWN", "not known to the registry");
      return;
    }
    if (this.faults.get(repository)?.(seen, response, bytes) === true) return;
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, {
      "Content-Type": isManifest ? manifestType : "application/octet-stream",
      "Content-Length": bytes.length - from,
      "Docker-Content-Digest": digestOf(bytes),
    });
    response.end(bytes.subarray(from));
  }
}

/** Says no, in the form that registries have. */
export function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify({ errors: [{ code, message }] }));
}
