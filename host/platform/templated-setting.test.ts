/** The settings that AWS variants make from a template and the region (specification "rendered-config" 4.1 and 4.2). */
import { describe, expect, test } from "bun:test";
import { ExampleApi } from "../api/testing.ts";
import type { CallApi } from "../apply/index.ts";
import { shippedModel, variantsLike } from "../settings/testing.ts";
import { templatedSetting } from "./templated-setting.ts";

/** What answers to `schnauzer` prints for a setting, on a host of a variant in a region; the OS is of the example's. */
async function setting(variant: string, region: string | undefined, key: string): Promise<string> {
  const live = {
    "settings.motd": "hello",
    ...(region === undefined ? {} : { "settings.aws.region": region }),
  };
  const api = new ExampleApi(live, await shippedModel(variant));
  const call: CallApi = async (method, uri, body) => {
    const { status, body: answer } = await api.ask(method, uri, body);
    return { status, body: answer };
  };
  return templatedSetting(call, `settings.${key}`);
}

const accounts: [region: string, host: string, pause: string][] = [
  [
    "eu-west-1",
    "328549459982.dkr.ecr.eu-west-1.amazonaws.com",
    "602401143452.dkr.ecr.eu-west-1.amazonaws.com",
  ],
  [
    "cn-north-1",
    "183470599484.dkr.ecr.cn-north-1.amazonaws.com.cn",
    "918309763551.dkr.ecr.cn-north-1.amazonaws.com.cn",
  ],
  [
    "us-gov-west-1",
    "347163068887.dkr.ecr.us-gov-west-1.amazonaws.com",
    "013241004608.dkr.ecr.us-gov-west-1.amazonaws.com",
  ],
  [
    "us-west-2",
    "328549459982.dkr.ecr.us-west-2.amazonaws.com",
    "602401143452.dkr.ecr.us-west-2.amazonaws.com",
  ],
  ["mars-1", "328549459982.dkr.ecr.us-east-1.amazonaws.com", "602401143452.dkr.ecr.us-east-1.amazonaws.com"],
];
const china = "https://updates-cn-north-1.pinwheel.example/latest";
const repositories: [region: string, targets: string, metadata: string][] = [
  ["eu-west-1", "https://updates.pinwheel.example/targets/", "https://updates.pinwheel.example/2020-07-07/"],
  ["mars-1", "https://updates.pinwheel.example/targets/", "https://updates.pinwheel.example/2020-07-07/"],
  ["cn-north-1", `${china}/targets/`, `${china}/metadata/2020-07-07/`],
];

describe("settings Check 39, rendered-config Checks 13 and 14: made from the region", () => {
  for (const variant of variantsLike("aws-dev aws-ecs-1 aws-k8s-1.24")) {
    for (const [region, host] of accounts) {
      test(`${variant} in ${region}: the sources of host containers`, async () => {
        const admin = await setting(variant, region, "host-containers.admin.source");
        expect(admin).toBe(`${host}/bottlerocket-admin:v0.9.3`);
        const control = await setting(variant, region, "host-containers.control.source");
        expect(control).toBe(`${host}/bottlerocket-control:v0.6.4`);
      });
    }
    for (const [region, targets, metadata] of repositories) {
      test(`${variant} in ${region}: the update repository`, async () => {
        expect(await setting(variant, region, "updates.targets-base-url")).toBe(targets);
        expect(await setting(variant, region, "updates.metadata-base-url")).toBe(
          `${metadata}example/x86_64/`,
        );
      });
    }
  }
  for (const [region, , pause] of accounts) {
    test(`Kubernetes in ${region}: the image of pods`, async () => {
      const image = await setting("aws-k8s-1.24", region, "kubernetes.pod-infra-container-image");
      expect(image).toBe(`${pause}/eks/pause:3.1-eksbuild.1`);
    });
  }
  test("is an error without a region", async () => {
    await expect(setting("aws-dev", undefined, "host-containers.admin.source")).rejects.toThrow(
      "The template of settings.host-containers.admin.source cannot be rendered: undefined variable: settings.aws",
    );
  });
});
