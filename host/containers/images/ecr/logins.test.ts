/** The logins of one pull, with the SDK of AWS, and with ECR and its registry on the loopback address. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "bun:test";
import { failureText } from "../../../linux/failure.ts";
import { EndpointError, Repository } from "../registry.ts";
import { EcrLogins } from "./logins.ts";
import type { EcrRegistry } from "./reference.ts";

const inEurope: EcrRegistry = { kind: "private", region: "eu-west-1", isFips: false };
const inPublic: EcrRegistry = { kind: "public" };

/** What ECR answers, when it has been asked this often. */
let answer: (asked: number) => Response | Promise<Response>;
/** Whom the registry lets in. */
let isGood: (authorization: string | null) => boolean;
let asked: number;
let sent: (string | null)[];
let warnings: string[];

const basic = (text: string) => Buffer.from(text).toString("base64");
const issue = (text: string, seconds: number, encoded = basic(text)) =>
  Response.json({
    authorizationData: [{ authorizationToken: encoded, expiresAt: Date.now() / 1000 + seconds }],
  });
const refusal = (status: number, type: string, message = "") =>
  Response.json({ __type: type, message }, { status });

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (request.method === "POST") return answer(++asked);
    if (!pathname.startsWith("/v2/")) return new Response("", { status: 404 }); // metadata of an instance without a role
    const authorization = request.headers.get("authorization");
    sent.push(authorization);
    if (!isGood(authorization)) {
      const headers = { "WWW-Authenticate": 'Basic realm="https://r.example/",service="ecr.amazonaws.com"' };
      return new Response("", { status: 401, headers });
    }
    if (!pathname.includes("/blobs/")) return new Response("{}");
    const elsewhere = "http://127.0.0.1:9/layer?X-Amz-Security-Token=token-in-url&X-Amz-Signature=made-of-it";
    return new Response("", { status: 307, headers: { Location: elsewhere } });
  },
});
const url = `http://127.0.0.1:${server.port}`;

// Where the SDK finds who this host is, and ECR: its own settings, which a host leaves at their defaults.
const environment = {
  AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "secret-of-the-host",
  AWS_ENDPOINT_URL_ECR: url,
  AWS_ENDPOINT_URL_ECR_PUBLIC: url,
  AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
  AWS_CONFIG_FILE: "/nonexistent",
};
const before = { ...process.env };

beforeAll(() => void Object.assign(process.env, environment));
afterAll(async () => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  await server.stop(true);
});
beforeEach(() => {
  asked = 0;
  sent = [];
  warnings = [];
  answer = (count) => issue(`AWS:${count}`, 43_200);
  isGood = (authorization) => authorization !== null;
});

const quiet = () => undefined;
const log = {
  error: quiet,
  warn: (text: string) => warnings.push(text),
  info: quiet,
  debug: quiet,
  trace: quiet,
};
const loginsOf = (stop: AbortSignal) => new EcrLogins({ authorities: undefined, stop, log });

function repository(): Repository {
  const { signal: stop } = new AbortController();
  const endpoint = { url: `${url}/v2`, login: { kind: "ecr", registry: inEurope } } as const;
  return new Repository(endpoint, "team/agent", { authorities: undefined, stop, ecrLogins: loginsOf(stop) });
}

/** What one request for a login came to, as a text. */
async function textOf(registry: EcrRegistry): Promise<string> {
  const issued = loginsOf(new AbortController().signal).loginFor(registry);
  return issued.then(
    ({ login }) => login.kind,
    (error: unknown) =>
      `${error instanceof EndpointError && error.isOutage ? "outage: " : ""}${failureText(error)}`,
  );
}

const threeAtOnce = (of: Repository) => Promise.all([of.manifest("1"), of.manifest("2"), of.manifest("3")]);

describe("a login that ECR has issued", () => {
  it("serves all requests of a pull, one after another and at once", async () => {
    const one = repository();
    await one.manifest("1");
    await threeAtOnce(one);
    expect(asked).toBe(1);
    expect(sent).toEqual([null, ...Array(4).fill(`Basic ${basic("AWS:1")}`)]);
  });

  it("is asked for once by requests that come together", async () => {
    await threeAtOnce(repository());
    expect(asked).toBe(1);
  });

  it("is not sent any more a minute before its end: another one is asked for", async () => {
    answer = (count) => issue(`AWS:${count}`, count === 1 ? 59 : 43_200);
    const one = repository();
    await one.manifest("1");
    await one.manifest("2");
    await one.manifest("3");
    expect(asked).toBe(2);
    expect(sent).toEqual([null, "1", null, "2", "2"].map((each) => each && `Basic ${basic(`AWS:${each}`)}`));
  });

  it("is asked for once more when it is refused, for all requests together", async () => {
    const one = repository();
    await one.manifest("1");
    isGood = (authorization) => authorization === `Basic ${basic("AWS:2")}`;
    await threeAtOnce(one);
    expect(asked).toBe(2);
  });

  it("is asked for once more when requests notice the refusal at the same moment", async () => {
    const logins = loginsOf(new AbortController().signal);
    const first = await logins.loginFor(inEurope);
    const [second, third] = await Promise.all([1, 2].map(() => logins.loginFor(inEurope, first)));
    expect([asked, second === third, second === first]).toEqual([2, true, false]);
  });

  it("is not given to a request that comes after its end", async () => {
    answer = (count) => issue(`AWS:${count}`, 59);
    const logins = loginsOf(new AbortController().signal);
    const ended = await logins.loginFor(inEurope);
    expect([(await logins.loginFor(inEurope)) === ended, asked]).toEqual([false, 2]);
  });

  it("is not asked for again and again when every one is refused", async () => {
    const one = repository();
    await one.manifest("1");
    isGood = () => false;
    await expect(one.manifest("2")).rejects.toThrow(`GET ${url}/v2/team/agent/manifests/2: status 401`);
    expect(asked).toBe(2);
  });

  it("is not told to whoever has the layers, and an error does not quote their address, which says who asks", async () => {
    const one = repository();
    const layer = one.blob(`sha256:${"0".repeat(64)}`, 0).next();
    const error = await layer.then(() => "no error", failureText);
    expect(error).toStartWith(`GET ${url}/v2/team/agent/blobs/sha256:000`);
    expect(error).not.toContain("X-Amz");
  });
});

describe("what comes instead of a login", () => {
  const tried = "POST http://127.0.0.1";
  const table: [what: string, reply: () => Response, text: string][] = [
    ["an answer of ECR without one", () => Response.json({}), ": the answer has no login in it."],
    [
      "a token that is not base64 of two",
      () => issue("", 1, basic("AWS")),
      ": the answer has no login in it.",
    ],
    [
      "a refusal, of which only the first line is told",
      () => refusal(400, "AccessDeniedException", "you may not\nsecret-of-the-host"),
      ": status 400 AccessDeniedException (you may not).",
    ],
    ["a failure of ECR", () => refusal(503, "ServerException"), ": status 503 ServerException"],
    [
      "too many hosts that ask",
      () => refusal(400, "ThrottlingException"),
      ": status 400 ThrottlingException",
    ],
  ];
  for (const [what, reply, text] of table) {
    it(`${what}: is said, with the endpoint`, async () => {
      answer = reply;
      const said = await textOf(inEurope);
      const isOutage = /503|Throttling/.test(text);
      expect(said).toStartWith(`${isOutage ? "outage: " : ""}No login for ECR in eu-west-1: ${tried}`);
      expect(said).toContain(text);
      expect(said).toContain("AmazonEC2ContainerRegistryReadOnly");
      expect(said).not.toContain("secret-of-the-host");
    });
  }

  it("an ECR that is not reached: is said, with the endpoint", async () => {
    process.env.AWS_ENDPOINT_URL_ECR = "http://127.0.0.1:9";
    const said = await textOf(inEurope);
    process.env.AWS_ENDPOINT_URL_ECR = url;
    expect(said).toStartWith(
      "outage: No login for ECR in eu-west-1: POST http://127.0.0.1:9/: ECONNREFUSED: Unable to connect",
    );
  });

  it("the end of the pull", async () => {
    const stop = new AbortController();
    answer = () => {
      stop.abort(new Error("asked to stop"));
      return new Promise<Response>(() => undefined);
    };
    await expect(loginsOf(stop.signal).loginFor(inEurope)).rejects.toThrow("asked to stop");
  });

  const nobodies: [what: string, more: Readonly<Record<string, string>>][] = [
    ["metadata that are switched off", { AWS_EC2_METADATA_DISABLED: "true" }],
    ["no metadata", { AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:9" }],
    ["metadata without a role", { AWS_EC2_METADATA_SERVICE_ENDPOINT: url }],
  ];
  for (const [what, more] of nobodies) {
    it(`${what}, and no other credentials: what to attach, and nothing at all for ECR Public`, async () => {
      const { AWS_ACCESS_KEY_ID } = environment;
      delete process.env.AWS_ACCESS_KEY_ID;
      Object.assign(process.env, more);
      const outcomes = [await textOf(inEurope), await textOf(inPublic)];
      for (const name of Object.keys(more)) delete process.env[name];
      process.env.AWS_ACCESS_KEY_ID = AWS_ACCESS_KEY_ID;
      const why =
        "there are no credentials of AWS in the environment, in /root/.aws or in the instance's metadata";
      expect(outcomes).toEqual([
        `outage: No login for ECR in eu-west-1: ${why}. Attach an instance role with the policy AmazonEC2ContainerRegistryReadOnly`,
        "anonymous",
      ]);
      expect(warnings).toEqual([`No login for ECR Public: ${why}; public.ecr.aws is asked without a login`]);
      expect(asked).toBe(0);
    });
  }
});
