import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { endpointsOf, parseImageSource } from "../image-source.ts";
import { parseRegistryConfig } from "../registry-config.ts";

const digest = `sha256:${"0a".repeat(32)}`;

describe("containers Check 15: a reference to a private registry of ECR", () => {
  /** With its canonical form, and the endpoint that is asked for it. */
  const good: [source: string, canonical: string, endpoint: string][] = [
    [
      "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/a/b:1",
      "ecr.aws/arn:aws-cn:ecr:cn-north-1:111122223333:repository/a/b:1",
      "https://111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/v2",
    ],
    [
      "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/agent:2.0",
      "ecr.aws/arn:aws:ecr:eu-west-1:111122223333:repository/team/agent:2.0",
      "https://111122223333.dkr.ecr.eu-west-1.amazonaws.com/v2",
    ],
    [
      `347163068887.dkr.ecr.us-gov-west-1.amazonaws.com/a@${digest}`,
      `ecr.aws/arn:aws-us-gov:ecr:us-gov-west-1:347163068887:repository/a@${digest}`,
      "https://347163068887.dkr.ecr.us-gov-west-1.amazonaws.com/v2",
    ],
    [
      `111122223333.dkr.ecr.us-iso-east-1.c2s.ic.gov/a:1@${digest}`,
      `ecr.aws/arn:aws-iso:ecr:us-iso-east-1:111122223333:repository/a:1@${digest}`,
      "https://111122223333.dkr.ecr.us-iso-east-1.c2s.ic.gov/v2",
    ],
    [
      "111122223333.dkr.ecr-fips.us-east-1.amazonaws.com/a:1",
      "ecr.aws/arn:aws:ecr:us-east-1:111122223333:repository/a:1",
      "https://111122223333.dkr.ecr-fips.us-east-1.amazonaws.com/v2",
    ],
    [
      "111122223333.dkr.ecr.us-isob-east-1.amazonaws.com:443/a:1",
      "ecr.aws/arn:aws-iso-b:ecr:us-isob-east-1:111122223333:repository/a:1",
      "https://111122223333.dkr.ecr.us-isob-east-1.sc2s.sgov.gov/v2",
    ],
  ];
  for (const [source, canonical, endpoint] of good) {
    it(`${source.slice(0, 60)} is known by its canonical form too, and asked for at the registry of its region`, () => {
      const image = imageOf(source);
      expect(image.names).toEqual([source, canonical]);
      expect(endpointsOf(image, none).map(({ url }) => url)).toEqual([endpoint]);
    });
  }

  it("is the same image when it is given in the canonical form", () => {
    const canonical = "ecr.aws/arn:aws-cn:ecr:cn-north-1:111122223333:repository/a/b:1";
    const { reference, names, registry } = imageOf(canonical);
    const byHost = imageOf("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/a/b:1");
    expect(names).toEqual([canonical]);
    expect({ ...reference, text: byHost.reference.text }).toEqual(byHost.reference);
    expect(registry).toEqual(byHost.registry);
  });

  const host = "111122223333.dkr.ecr.eu-west-1.amazonaws.com";
  const form = "it is not HOST[:PORT]/PATH[:TAG][@DIGEST] with a path in lower case";
  const arn = "it is not ecr.aws/arn:PARTITION:ecr:REGION:ACCOUNT:repository/PATH[:TAG][@DIGEST]";
  const bad: [source: string, problem: string][] = [
    [`${host}/a:`, 'it ends with ":", and has no tag behind it'],
    [`${host}/a@`, 'it ends with "@", and has no digest behind it'],
    [host, "it names a registry of ECR, but no repository in it"],
    [`${host}:1`, "it names a registry of ECR, but no repository in it"],
    [`${host}/`, form],
    [`${host}/a`, "it has neither a tag nor a digest, and no tag is implied"],
    [
      `${host}/a@sha256:00`,
      "its digest is not sha256: or sha512: with as many hexadecimal digits as that has",
    ],
    [
      "111122223333.dkr.ecr.xx-new-1.amazonaws.com/a:1",
      'the region "xx-new-1" belongs to no partition of AWS that is known',
    ],
    [
      "111122223333.dkr.ecr.us-gov-west.amazonaws.com/a:1",
      'the region "us-gov-west" belongs to no partition of AWS that is known',
    ],
    [
      `${host}.other.example/a:1`,
      'the host of its registry does not end behind the region, but goes on with ".other.example/a:1"',
    ],
    ["ecr.aws/a:1", arn],
    ["ecr.aws/arn:aws:ecr:eu-west-1:111122223333:a:1", arn],
    [
      "ecr.aws/arn:aws-cn:ecr:eu-west-1:111122223333:repository/a:1",
      'the region eu-west-1 belongs to the partition aws, not to "aws-cn"',
    ],
    ["ecr.aws/arn:aws:ecr:eu-west-1:111122223333:repository/", form],
  ];
  for (const [source, problem] of bad) {
    it(`${JSON.stringify(source.slice(0, 70))} is none, which is said at once`, () =>
      expect(parseImageSource(source)).toEqual({ problem }));
  }
});

describe("containers 8.2: a registry of another kind", () => {
  const others = [
    "https://111122223333.dkr.ecr.eu-west-1.amazonaws.com/a:1",
    "x.111122223333.dkr.ecr.eu-west-1.amazonaws.com/a:1",
    "public.ecr.aws/bottlerocket/bottlerocket-admin:v0.9.3",
    "r.example/a:1",
  ];
  for (const source of others) {
    it(`${source} is no private registry of ECR`, () =>
      expect(parseImageSource(source)).toEqual(
        source.startsWith("https:")
          ? { problem: "it has a scheme; a reference begins with the registry's host" }
          : expect.objectContaining({ names: [source], registry: undefined }),
      ));
  }
});

describe("containers 8.5: who is asked for an image of a private registry", () => {
  it("is the registry alone, with what ECR issues, whatever mirrors and credentials are set", () => {
    const host = "111122223333.dkr.ecr.eu-west-1.amazonaws.com";
    const config = `[mirrors."*"]\nendpoints = ["cache.example"]
      [mirrors."${host}"]\nendpoints = ["cache.example"]\n[creds."${host}"]\nusername = "sam"`;
    expect(endpointsOf(imageOf(`${host}/a:1`), parseRegistryConfig(config))).toEqual([
      {
        url: `https://${host}/v2`,
        login: { kind: "ecr", registry: { kind: "private", region: "eu-west-1", isFips: false } },
      },
    ]);
  });
  it("is the endpoint for FIPS where the reference names that", () =>
    expect(imageOf("111122223333.dkr.ecr-fips.us-east-1.amazonaws.com/a:1").registry).toEqual({
      kind: "private",
      region: "us-east-1",
      isFips: true,
    }));
});

describe("containers 8.6: who is asked for an image of ECR Public", () => {
  const loginsWith = (config: string) =>
    endpointsOf(imageOf("public.ecr.aws/a/b:1"), parseRegistryConfig(config)).map(({ login }) => login);
  const issued = { kind: "ecr", registry: { kind: "public" } } as const;
  const own = { kind: "password", username: "sam", password: "" } as const;

  it("is told what ECR issues", () => expect(loginsWith("")).toEqual([issued]));
  it("is a mirror before that, which is not told what ECR issues", () =>
    expect(loginsWith('[mirrors."public.ecr.aws"]\nendpoints = ["cache.example"]')).toEqual([
      { kind: "anonymous" },
      issued,
    ]));
  it("is told the credentials that are set, if there are any", () =>
    expect(loginsWith('[creds."public.ecr.aws"]\nusername = "sam"')).toEqual([own]));
});

it("of any text that means an image of a private registry, its canonical form means the same image", () => {
  const part = fc.stringMatching(/^[a-z0-9]+([._-][a-z0-9]+)*$/);
  const source = fc
    .tuple(
      fc.stringMatching(/^[0-9]{12}$/),
      fc.constantFrom("eu-west-1", "cn-north-1", "us-gov-east-1", "us-iso-east-1", "xx-new-1", "constructor"),
      fc.constantFrom("", ".cn"),
      fc.array(part, { minLength: 1, maxLength: 3 }),
      fc.oneof(fc.stringMatching(/^:\w[\w.-]{0,20}$/), fc.constantFrom(":", "@", `@${digest}`)),
    )
    .map(
      ([account, region, cn, path, end]) =>
        `${account}.dkr.ecr.${region}.amazonaws.com${cn}/${path.join("/")}${end}`,
    );
  fc.assert(
    fc.property(fc.oneof(source, fc.string()), (text) => {
      const image = parseImageSource(text);
      if ("problem" in image || image.registry === undefined) return;
      const again = imageOf(image.names.at(-1) ?? "");
      expect({ ...again.reference, text }).toEqual(image.reference);
      expect(again.registry).toEqual(image.registry);
    }),
  );
});

const none = parseRegistryConfig("");

function imageOf(source: string) {
  const image = parseImageSource(source);
  if ("problem" in image) throw new Error(image.problem);
  return image;
}
