/**
 * The parts of AWS that a pull from ECR asks, on the loopback address: the APIs that give logins, which check who has
 * signed a request, and an instance's metadata (version 2), which has the credentials of a role.
 */
import { createHash, createHmac } from "node:crypto";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import type { Certificate } from "./certificate.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface LoginRequest {
  /** Of the API that was asked: `api.ecr.eu-west-1.amazonaws.com`. */
  readonly host: string;
  readonly target: string | undefined;
  /** As the header Authorization names it: `eu-west-1/ecr`. */
  readonly scope: string;
  /** Whose signature it has. */
  readonly signedBy: string | undefined;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

export class TestAws {
  readonly requests: LoginRequest[] = [];
  /** By the host that is asked. */
  readonly answers = new Map<string, ApiAnswer>();

  private constructor(
    private readonly api: Server,
    private readonly metadata: Server,
  ) {}

  /** @param known  whose signatures are accepted; the first are those of the instance's role */
  static async start(certificate: Certificate, known: readonly Credentials[]): Promise<TestAws> {
    const api = createHttpsServer(certificate);
    const metadata = createHttpServer((request, response) => answerMetadata(request, response, known[0]));
    const aws = new TestAws(api, metadata);
    api.on("request", (request: IncomingMessage, response: ServerResponse) => {
      bodyOf(request).then((body) => aws.answer(request, response, body, known));
    });
    for (const server of [api, metadata]) {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    }
    return aws;
  }

  get apiPort(): number {
    return portOf(this.api);
  }

  get metadataUrl(): string {
    return `http://127.0.0.1:${portOf(this.metadata)}`;
  }

  of(host: string): readonly LoginRequest[] {
    return this.requests.filter((each) => each.host === host);
  }

  async stop(): Promise<void> {
    for (const server of [this.api, this.metadata]) await new Promise((resolve) => server.close(resolve));
  }

  private answer(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
    known: readonly Credentials[],
  ): void {
    const { host = "" } = request.headers;
    const signedBy = known.find((each) => isSignedBy(request, body, each))?.accessKeyId;
    const [, scope = ""] =
      /Credential=[^/]+\/\d{8}\/([^/]+\/[^/]+)\/aws4_request/.exec(request.headers.authorization ?? "") ?? [];
    const target = request.headers["x-amz-target"];
    this.requests.push({ host, scope, signedBy, target: Array.isArray(target) ? target[0] : target });
    const refused = { status: 403, body: { __type: "InvalidSignatureException", message: "not signed" } };
    const answer = signedBy === undefined ? refused : this.answers.get(host);
    response.writeHead(answer?.status ?? 404, { "Content-Type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify(answer?.body ?? {}));
  }
}

function answerMetadata(
  request: IncomingMessage,
  response: ServerResponse,
  role: Credentials | undefined,
): void {
  const session = "a-session-of-the-metadata";
  const path = "/latest/meta-data/iam/security-credentials/";
  if (request.method === "PUT" && request.url === "/latest/api/token") return void response.end(session);
  if (request.headers["x-aws-ec2-metadata-token"] !== session) return void response.writeHead(401).end();
  if (request.url === path) return void response.end("host-role");
  if (request.url !== `${path}host-role` || role === undefined) return void response.writeHead(404).end();
  response.end(
    JSON.stringify({
      Code: "Success",
      Type: "AWS-HMAC",
      AccessKeyId: role.accessKeyId,
      SecretAccessKey: role.secretAccessKey,
      Token: role.sessionToken,
      LastUpdated: new Date().toISOString(),
      Expiration: new Date(Date.now() + 6 * 60 * 60_000).toISOString(),
    }),
  );
}

/** Whether a request has the signature, version 4, that these credentials make of it. */
function isSignedBy(request: IncomingMessage, body: Buffer, credentials: Credentials): boolean {
  const { authorization = "", "x-amz-date": date = "" } = request.headers;
  const [, keyId, scope = "", names = "", signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ?? [];
  const must = [
    "host",
    "x-amz-date",
    ...(credentials.sessionToken === undefined ? [] : ["x-amz-security-token"]),
  ];
  if (keyId !== credentials.accessKeyId || must.some((name) => !names.split(";").includes(name)))
    return false;
  if (request.headers["x-amz-security-token"] !== credentials.sessionToken) return false;
  const headers = names.split(";").map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const canonical = [request.method, request.url, "", headers.join(""), names, sha256(body)].join("\n");
  const text = ["AWS4-HMAC-SHA256", date, scope, sha256(canonical)].join("\n");
  let key: Buffer | string = `AWS4${credentials.secretAccessKey}`;
  for (const part of scope.split("/")) key = createHmac("sha256", key).update(part).digest();
  return createHmac("sha256", key).update(text).digest("hex") === signature;
}

function sha256(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
