/**
 * host-ctr and Amazon ECR: who is asked for a login, who it says it is, and where it goes with that. The names are those
 * of AWS; the proxy of the host leads them to servers of the test, whose authority the host trusts as one of settings.pki.
 * The registry is Debian's.
 */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureSdk, progressLines } from "../../sdk/index.ts";
import { type ApiAnswer, type Credentials, TestAws } from "./support/aws.ts";
import { type Certificate, makeCertificate } from "./support/certificate.ts";
import { DockerRegistry } from "./support/docker-registry.ts";
import { ContainerHost } from "./support/host.ts";
import { makeImage } from "./support/image.ts";
import { refuse, TestRegistry } from "./support/registry.ts";
import { Tunnel } from "./support/tunnel.ts";

const account = "111122223333";
const registries = {
  private: `${account}.dkr.ecr.eu-west-1.amazonaws.com`,
  china: `${account}.dkr.ecr.cn-north-1.amazonaws.com.cn`,
  fips: `${account}.dkr.ecr-fips.us-east-1.amazonaws.com`,
  denied: `${account}.dkr.ecr.eu-west-2.amazonaws.com`,
  public: "public.ecr.aws",
};
const apis = {
  private: "api.ecr.eu-west-1.amazonaws.com",
  china: "api.ecr.cn-north-1.amazonaws.com.cn",
  fips: "api.ecr-fips.us-east-1.amazonaws.com",
  denied: "api.ecr.eu-west-2.amazonaws.com",
  public: "api.ecr-public.us-east-1.amazonaws.com",
};
const role: Credentials = {
  accessKeyId: "ASIAROLEROLEROLEROLE",
  secretAccessKey: "secret-of-the-role",
  sessionToken: "session-of-the-role",
};
const user: Credentials = { accessKeyId: "AKIAUSERUSERUSERUSER", secretAccessKey: "secret-of-the-user" };
const login = { username: "AWS", password: "password-that-ecr-issues" };
const secrets = [role.secretAccessKey, role.sessionToken ?? "", user.secretAccessKey, login.password];

const token = {
  authorizationToken: Buffer.from(`${login.username}:${login.password}`).toString("base64"),
  expiresAt: Date.now() / 1000 + 12 * 60 * 60,
};
const issues: ApiAnswer = { status: 200, body: { authorizationData: [token] } };
const denies: ApiAnswer = {
  status: 400,
  body: {
    __type: "AccessDeniedException",
    message: `the role may not do that\n\nThe Canonical String should have been\n${secrets.join("\n")}`,
  },
};

const tokenHost = "tokens.public.ecr.test";

/** Gives everybody a token, as ECR Public does, which tells for whom it is. */
async function startTokens(certificate: Certificate): Promise<number> {
  tokenServer = createServer(certificate, (request, response) => {
    const { authorization } = request.headers;
    const isLogin = authorization === `Basic ${token.authorizationToken}`;
    response.end(JSON.stringify({ token: `for ${isLogin ? login.username : (authorization ?? "nobody")}` }));
  });
  const server = tokenServer;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

let directory: string;
let tokenServer: Server | undefined;
let host: ContainerHost;
let aws: TestAws;
let locked: DockerRegistry;
/** Of the same images, to put them there. */
let open: DockerRegistry;
let gallery: TestRegistry;
let tunnel: Tunnel;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "pwe-"));
  const sdk = await ensureSdk(progressLines());
  const certificate = await makeCertificate(sdk, directory, [
    ...Object.values(registries),
    ...Object.values(apis),
    tokenHost,
  ]);
  aws = await TestAws.start(certificate, [role, user]);
  for (const api of Object.values(apis)) aws.answers.set(api, issues);
  aws.answers.set(apis.denied, denies);
  aws.answers.set(apis.public, { status: 200, body: { authorizationData: token } });
  locked = await DockerRegistry.start(sdk, directory, certificate, login);
  open = await DockerRegistry.start(sdk, directory, certificate);
  gallery = await TestRegistry.start(0, certificate);
  const tokens = await startTokens(certificate);
  const ports = new Map<string, number>([
    ...Object.values(registries).map((name) => [name, locked.port] as const),
    ...Object.values(apis).map((name) => [name, aws.apiPort] as const),
    [registries.public, Number(gallery.address.split(":")[1])],
    [tokenHost, tokens],
  ]);
  tunnel = await Tunnel.start((name) => ports.get(name));

  host = await ContainerHost.start();
  await host.useRegistry("127.0.0.1:9", '[mirrors."*"]\nendpoints = ["http://127.0.0.1:9"]\n');
  await mkdir(host.at("/etc/pki/tls/certs"), { recursive: true });
  await writeFile(host.at("/etc/pki/tls/certs/ca-bundle.crt"), certificate.authority);
  await open.push("team/agent", makeImage(host.tools, { script: "exit 7" }));
  gallery.put("team/agent", makeImage(host.tools, { script: "exit 7" }), (request, response) => {
    if (request.authorization?.startsWith("Bearer for ") === true) return false;
    response.setHeader(
      "WWW-Authenticate",
      `Bearer realm="https://${tokenHost}/token/",service="public.ecr.aws"`,
    );
    refuse(response, 401, "UNAUTHORIZED", "a token is wanted");
    return true;
  });
}, 600_000);

afterAll(async () => {
  await host?.remove();
  await tunnel?.stop();
  await gallery?.stop();
  tokenServer?.close();
  await locked?.stop();
  await open?.stop();
  await aws?.stop();
  await rm(directory, { recursive: true, force: true });
});

const metadata = () => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.metadataUrl });
const nobody = { AWS_EC2_METADATA_DISABLED: "true" };

/** Pulls, and looks at all that was said for what nobody may read. */
async function pull(source: string, env: Readonly<Record<string, string>>) {
  const outcome = await host.run(
    ["host-ctr", "pull-image", `--source=${source}`, "--registry-config=/etc/host-containers/host-ctr.toml"],
    { env: { HTTPS_PROXY: tunnel.url, ...env } },
  );
  const said = outcome.stdout + outcome.stderr;
  for (const secret of secrets) expect(said).not.toContain(secret);
  expect(said).not.toContain(token.authorizationToken);
  return outcome;
}

const target = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken";

describe("containers 8.5: an image of a private registry", () => {
  it("is pulled with the login that ECR issues to the instance's role, past all mirrors, and is there under both names", async () => {
    const source = `${registries.private}/team/agent:1`;
    const asked = tunnel.asked.length;
    const { exitCode, stdout, stderr } = await pull(source, metadata());
    expect([exitCode, stdout, stderr]).toEqual([0, expect.not.stringContaining("trying again"), ""]);
    expect(aws.of(apis.private)).toEqual([
      { host: apis.private, target, scope: "eu-west-1/ecr", signedBy: role.accessKeyId },
    ]);
    expect([...new Set(tunnel.asked.slice(asked))].sort()).toEqual(
      [`${registries.private}:443`, `${apis.private}:443`].sort(),
    );
    const images = await host.ctr("images", "ls", "-q");
    expect(images).toContain(source);
    expect(images).toContain(`ecr.aws/arn:aws:ecr:eu-west-1:${account}:repository/team/agent:1`);
  });

  it("given in the canonical form is asked for in its region and partition", async () => {
    const source = `ecr.aws/arn:aws-cn:ecr:cn-north-1:${account}:repository/team/agent:1`;
    const { exitCode } = await pull(source, metadata());
    expect([exitCode, aws.of(apis.china).map(({ scope }) => scope)]).toEqual([0, ["cn-north-1/ecr"]]);
    expect(tunnel.asked).toContain(`${registries.china}:443`);
    expect(await host.ctr("images", "ls", "-q")).toContain(source);
  });

  it("of a FIPS endpoint is asked for through the FIPS endpoint of ECR", async () => {
    const { exitCode } = await pull(`${registries.fips}/team/agent:1`, metadata());
    expect([exitCode, aws.of(apis.fips).map(({ scope }) => scope)]).toEqual([0, ["us-east-1/ecr"]]);
    expect(tunnel.asked).toContain(`${registries.fips}:443`);
  });

  it("is pulled with the credentials in /root/.aws", async () => {
    await mkdir(host.at("/root/.aws"), { recursive: true });
    await writeFile(
      host.at("/root/.aws/credentials"),
      `[default]\naws_access_key_id = ${user.accessKeyId}\naws_secret_access_key = ${user.secretAccessKey}\n`,
    );
    try {
      const { exitCode } = await pull(`${registries.private}/team/agent:1`, nobody);
      expect([exitCode, aws.of(apis.private).at(-1)?.signedBy]).toEqual([0, user.accessKeyId]);
    } finally {
      await rm(host.at("/root/.aws"), { recursive: true });
    }
  });

  it("is run as it was pulled earlier when ECR cannot answer", async () => {
    aws.answers.set(apis.private, { status: 503, body: { __type: "ServerException", message: "later" } });
    try {
      const source = `${registries.private}/team/agent:1`;
      const running = await host.runContainer("agent", source, [], {
        env: { HTTPS_PROXY: tunnel.url, ...metadata() },
      });
      expect((await running.ended).exitCode).toBe(7);
      expect(running.stdout()).toContain(
        `No login for ECR in eu-west-1: POST https://${apis.private}/: status 503 ServerException (later)`,
      );
      expect(running.stdout()).toContain(`running ${source} as it was pulled earlier`);
    } finally {
      aws.answers.set(apis.private, issues);
    }
  });
});

it("containers Check 15: an unknown region fails at once, and nobody is asked", async () => {
  const asked = tunnel.asked.length;
  const { exitCode, seconds, stderr } = await pull(
    `${account}.dkr.ecr.xx-new-1.amazonaws.com/team/agent:1`,
    metadata(),
  );
  expect(exitCode).toBe(1);
  expect(seconds).toBeLessThan(3);
  expect(stderr).toContain('the region \\"xx-new-1\\" belongs to no partition of AWS that is known');
  expect(tunnel.asked).toHaveLength(asked);
});

describe("containers 8.6: an image of ECR Public", () => {
  const source = `${registries.public}/team/agent:1`;

  it("is pulled with the login that ECR issues in us-east-1", async () => {
    const { exitCode } = await pull(source, metadata());
    expect(exitCode).toBe(0);
    expect(aws.of(apis.public)).toEqual([
      {
        host: apis.public,
        target: "SpencerFrontendService.GetAuthorizationToken",
        scope: "us-east-1/ecr-public",
        signedBy: role.accessKeyId,
      },
    ]);
    expect(gallery.of("team/agent").at(-1)?.authorization).toBe("Bearer for AWS");
  });

  it("is pulled without a login where there are no credentials of AWS", async () => {
    const { exitCode, stdout } = await pull(source, nobody);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /level=warning msg="No login for ECR Public: there are no credentials of AWS .*; public\.ecr\.aws is asked without a login"/,
    );
    expect(gallery.of("team/agent").at(-1)?.authorization).toBe("Bearer for nobody");
  });
});

// All at once: most of it is waiting, between attempts.
describe("no login is to be had:", () => {
  const outcomes = new Map<string, ReturnType<typeof pull>>();
  beforeAll(() => {
    outcomes.set("nobody", pull(`${registries.private}/team/none:1`, nobody));
    outcomes.set("denied", pull(`${registries.denied}/team/agent:1`, metadata()));
  });

  it("a host that is nobody in AWS is told what to attach", async () => {
    const outcome = await outcomes.get("nobody");
    expect(outcome?.exitCode).toBe(1);
    expect(outcome?.stderr).toContain(`Image ${registries.private}/team/none:1 was not pulled in 6 attempts`);
    expect(outcome?.stderr).toContain(
      "No login for ECR in eu-west-1: there are no credentials of AWS in the environment, in /root/.aws or in the instance's metadata. Attach an instance role with the policy AmazonEC2ContainerRegistryReadOnly",
    );
  }, 120_000);

  it("a refusal is told with endpoint and status, and without what AWS quotes of the request", async () => {
    const outcome = await outcomes.get("denied");
    expect(outcome?.exitCode).toBe(1);
    expect(outcome?.stderr).toContain(
      `No login for ECR in eu-west-2: POST https://${apis.denied}/: status 400 AccessDeniedException (the role may not do that). Check that the instance role has the policy AmazonEC2ContainerRegistryReadOnly`,
    );
    expect(aws.of(apis.denied)).toHaveLength(6);
  }, 120_000);
});
