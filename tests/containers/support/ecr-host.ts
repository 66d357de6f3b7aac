/**
 * A host in AWS that pulls from Amazon ECR. The names are those of AWS; the proxy of the host leads them to servers of the
 * test, whose authority the host trusts as one of settings.pki. The private registry is Debian's.
 */
import { expect } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureSdk, progressLines } from "../../../sdk/index.ts";
import { type ApiAnswer, type Credentials, TestAws } from "./aws.ts";
import { type Certificate, makeCertificate } from "./certificate.ts";
import { DockerRegistry } from "./docker-registry.ts";
import { ContainerHost } from "./host.ts";
import { makeImage } from "./image.ts";
import { refuse, TestRegistry } from "./registry.ts";
import { Tunnel } from "./tunnel.ts";

export const account = "111122223333";
export const registries = {
  private: `${account}.dkr.ecr.eu-west-1.amazonaws.com`,
  china: `${account}.dkr.ecr.cn-north-1.amazonaws.com.cn`,
  fips: `${account}.dkr.ecr-fips.us-east-1.amazonaws.com`,
  denied: `${account}.dkr.ecr.eu-west-2.amazonaws.com`,
  public: "public.ecr.aws",
};
export const apis = {
  private: "api.ecr.eu-west-1.amazonaws.com",
  china: "api.ecr.cn-north-1.amazonaws.com.cn",
  fips: "api.ecr-fips.us-east-1.amazonaws.com",
  denied: "api.ecr.eu-west-2.amazonaws.com",
  public: "api.ecr-public.us-east-1.amazonaws.com",
};
export const role: Credentials = {
  accessKeyId: "ASIAROLEROLEROLEROLE",
  secretAccessKey: "secret-of-the-role",
  sessionToken: "session-of-the-role",
};
export const user: Credentials = {
  accessKeyId: "AKIAUSERUSERUSERUSER",
  secretAccessKey: "secret-of-the-user",
};
const login = { username: "AWS", password: "password-that-ecr-issues" };
const secrets = [role.secretAccessKey, role.sessionToken ?? "", user.secretAccessKey, login.password];

const token = {
  authorizationToken: Buffer.from(`${login.username}:${login.password}`).toString("base64"),
  expiresAt: Date.now() / 1000 + 12 * 60 * 60,
};
export const issues: ApiAnswer = { status: 200, body: { authorizationData: [token] } };
const denies: ApiAnswer = {
  status: 400,
  body: {
    __type: "AccessDeniedException",
    message: `the role may not do that\n\nThe Canonical String should have been\n${secrets.join("\n")}`,
  },
};

const tokenHost = "tokens.public.ecr.test";

/** Environment of a host that is nobody in AWS. */
export const nobody = { AWS_EC2_METADATA_DISABLED: "true" };

export class EcrHost {
  private constructor(
    readonly host: ContainerHost,
    readonly aws: TestAws,
    /** ECR Public. */
    readonly gallery: TestRegistry,
    readonly tunnel: Tunnel,
    private readonly all: AsyncDisposableStack,
  ) {}

  static async start(): Promise<EcrHost> {
    await using all = new AsyncDisposableStack();
    const directory = await mkdtemp(join(tmpdir(), "pwe-"));
    all.defer(() => rm(directory, { recursive: true, force: true }));
    const names = [...Object.values(registries), ...Object.values(apis), tokenHost];
    const sdk = await ensureSdk(progressLines());
    const certificate = await makeCertificate(sdk, directory, names);
    const aws = all.adopt(await startApis(certificate), (each) => each.stop());
    const locked = all.adopt(await DockerRegistry.start(sdk, directory, certificate, login), (each) =>
      each.stop(),
    );
    // Of the same images, to put them there.
    const open = all.adopt(await DockerRegistry.start(sdk, directory, certificate), (each) => each.stop());
    const gallery = all.adopt(await TestRegistry.start(0, certificate), (each) => each.stop());
    const tokens = await startTokens(certificate, all);
    const ports = new Map<string, number>([
      ...Object.values(registries).map((name) => [name, locked.port] as const),
      ...Object.values(apis).map((name) => [name, aws.apiPort] as const),
      [registries.public, Number(gallery.address.split(":")[1])],
      [tokenHost, tokens],
    ]);
    const tunnel = all.adopt(await Tunnel.start((name) => ports.get(name)), (each) => each.stop());

    const host = all.adopt(await ContainerHost.start(), (each) => each.remove());
    await host.useRegistry("127.0.0.1:9", '[mirrors."*"]\nendpoints = ["http://127.0.0.1:9"]\n');
    await mkdir(host.at("/etc/pki/tls/certs"), { recursive: true });
    await writeFile(host.at("/etc/pki/tls/certs/ca-bundle.crt"), certificate.authority);
    const agent = makeImage(host.tools, { script: "exit 7" });
    await open.push("team/agent", agent);
    gallery.put("team/agent", agent, (request, response) => {
      if (request.authorization?.startsWith("Bearer for ") === true) return false;
      const realm = `Bearer realm="https://${tokenHost}/token/",service="public.ecr.aws"`;
      response.setHeader("WWW-Authenticate", realm);
      refuse(response, 401, "UNAUTHORIZED", "a token is wanted");
      return true;
    });
    return new EcrHost(host, aws, gallery, tunnel, all.move());
  }

  /** Environment of a host that has the role. */
  get metadata(): Readonly<Record<string, string>> {
    return { AWS_EC2_METADATA_SERVICE_ENDPOINT: this.aws.metadataUrl };
  }

  /** Pulls, and looks at all that was said for what nobody may read. */
  async pull(source: string, env: Readonly<Record<string, string>>) {
    const config = "--registry-config=/etc/host-containers/host-ctr.toml";
    const outcome = await this.host.run(["host-ctr", "pull-image", `--source=${source}`, config], {
      env: { HTTPS_PROXY: this.tunnel.url, ...env },
    });
    const said = outcome.stdout + outcome.stderr;
    for (const secret of [...secrets, token.authorizationToken]) expect(said).not.toContain(secret);
    return outcome;
  }

  async stop(): Promise<void> {
    await this.all.disposeAsync();
  }
}

async function startApis(certificate: Certificate): Promise<TestAws> {
  const aws = await TestAws.start(certificate, [role, user]);
  for (const api of Object.values(apis)) aws.answers.set(api, issues);
  aws.answers.set(apis.denied, denies);
  aws.answers.set(apis.public, { status: 200, body: { authorizationData: token } });
  return aws;
}

/** Gives everybody a token, as ECR Public does, which tells for whom it is. @returns the port */
async function startTokens(certificate: Certificate, all: AsyncDisposableStack): Promise<number> {
  const server = createServer(certificate, (request, response) => {
    const { authorization } = request.headers;
    const isLogin = authorization === `Basic ${token.authorizationToken}`;
    response.end(JSON.stringify({ token: `for ${isLogin ? login.username : (authorization ?? "nobody")}` }));
  });
  all.defer(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
