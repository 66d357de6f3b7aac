/** host-ctr and Amazon ECR: who is asked for a login, who it says it is, and where it goes with that. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { account, apis, EcrHost, issues, nobody, registries, role, user } from "./support/ecr-host.ts";

let ecr: EcrHost;

beforeAll(async () => {
  ecr = await EcrHost.start();
}, 600_000);

afterAll(() => ecr?.stop());

const target = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken";

describe("containers 8.5: an image of a private registry", () => {
  it("is pulled with the login that ECR issues to the instance's role, past all mirrors, and is there under both names", async () => {
    const source = `${registries.private}/team/agent:1`;
    const asked = ecr.tunnel.asked.length;
    const { exitCode, stdout, stderr } = await ecr.pull(source, ecr.metadata);
    expect([exitCode, stdout, stderr]).toEqual([0, expect.not.stringContaining("trying again"), ""]);
    expect(ecr.aws.of(apis.private)).toEqual([
      { host: apis.private, target, scope: "eu-west-1/ecr", signedBy: role.accessKeyId },
    ]);
    expect([...new Set(ecr.tunnel.asked.slice(asked))].sort()).toEqual(
      [`${registries.private}:443`, `${apis.private}:443`].sort(),
    );
    const images = await ecr.host.ctr("images", "ls", "-q");
    expect(images).toContain(source);
    expect(images).toContain(`ecr.aws/arn:aws:ecr:eu-west-1:${account}:repository/team/agent:1`);
  });

  it("given in the canonical form is asked for in its region and partition", async () => {
    const source = `ecr.aws/arn:aws-cn:ecr:cn-north-1:${account}:repository/team/agent:1`;
    const { exitCode } = await ecr.pull(source, ecr.metadata);
    expect([exitCode, ecr.aws.of(apis.china).map(({ scope }) => scope)]).toEqual([0, ["cn-north-1/ecr"]]);
    expect(ecr.tunnel.asked).toContain(`${registries.china}:443`);
    expect(await ecr.host.ctr("images", "ls", "-q")).toContain(source);
  });

  it("of a FIPS endpoint is asked for through the FIPS endpoint of ECR", async () => {
    const { exitCode } = await ecr.pull(`${registries.fips}/team/agent:1`, ecr.metadata);
    expect([exitCode, ecr.aws.of(apis.fips).map(({ scope }) => scope)]).toEqual([0, ["us-east-1/ecr"]]);
    expect(ecr.tunnel.asked).toContain(`${registries.fips}:443`);
  });

  it("is pulled with the credentials in /root/.aws", async () => {
    await mkdir(ecr.host.at("/root/.aws"), { recursive: true });
    await writeFile(
      ecr.host.at("/root/.aws/credentials"),
      `[default]\naws_access_key_id = ${user.accessKeyId}\naws_secret_access_key = ${user.secretAccessKey}\n`,
    );
    try {
      const { exitCode } = await ecr.pull(`${registries.private}/team/agent:1`, nobody);
      expect([exitCode, ecr.aws.of(apis.private).at(-1)?.signedBy]).toEqual([0, user.accessKeyId]);
    } finally {
      await rm(ecr.host.at("/root/.aws"), { recursive: true });
    }
  });

  it("is run as it was pulled earlier when ECR cannot answer", async () => {
    ecr.aws.answers.set(apis.private, { status: 503, body: { __type: "ServerException", message: "later" } });
    try {
      const source = `${registries.private}/team/agent:1`;
      const running = await ecr.host.runContainer("agent", source, [], {
        env: { HTTPS_PROXY: ecr.tunnel.url, ...ecr.metadata },
      });
      expect((await running.ended).exitCode).toBe(7);
      expect(running.stdout()).toContain(
        `No login for ECR in eu-west-1: POST https://${apis.private}/: status 503 ServerException (later)`,
      );
      expect(running.stdout()).toContain(`running ${source} as it was pulled earlier`);
    } finally {
      ecr.aws.answers.set(apis.private, issues);
    }
  });
});

it("containers Check 15: an unknown region fails at once, and nobody is asked", async () => {
  const asked = ecr.tunnel.asked.length;
  const { exitCode, seconds, stderr } = await ecr.pull(
    `${account}.dkr.ecr.xx-new-1.amazonaws.com/team/agent:1`,
    ecr.metadata,
  );
  expect(exitCode).toBe(1);
  expect(seconds).toBeLessThan(3);
  expect(stderr).toContain('the region \\"xx-new-1\\" belongs to no partition of AWS that is known');
  expect(ecr.tunnel.asked).toHaveLength(asked);
});

describe("containers 8.6: an image of ECR Public", () => {
  const source = `${registries.public}/team/agent:1`;

  it("is pulled with the login that ECR issues in us-east-1", async () => {
    const { exitCode } = await ecr.pull(source, ecr.metadata);
    expect(exitCode).toBe(0);
    expect(ecr.aws.of(apis.public)).toEqual([
      {
        host: apis.public,
        target: "SpencerFrontendService.GetAuthorizationToken",
        scope: "us-east-1/ecr-public",
        signedBy: role.accessKeyId,
      },
    ]);
    expect(ecr.gallery.of("team/agent").at(-1)?.authorization).toBe("Bearer for AWS");
  });

  it("is pulled without a login where there are no credentials of AWS", async () => {
    const { exitCode, stdout } = await ecr.pull(source, nobody);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /level=warning msg="No login for ECR Public: there are no credentials of AWS .*; public\.ecr\.aws is asked without a login"/,
    );
    expect(ecr.gallery.of("team/agent").at(-1)?.authorization).toBe("Bearer for nobody");
  });
});

// All at once: most of it is waiting, between attempts.
describe("no login is to be had:", () => {
  const outcomes = new Map<string, ReturnType<EcrHost["pull"]>>();
  beforeAll(() => {
    outcomes.set("nobody", ecr.pull(`${registries.private}/team/none:1`, nobody));
    outcomes.set("denied", ecr.pull(`${registries.denied}/team/agent:1`, ecr.metadata));
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
    expect(ecr.aws.of(apis.denied)).toHaveLength(6);
  }, 120_000);
});
