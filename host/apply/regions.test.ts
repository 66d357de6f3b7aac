/** Where hosts in each region get images and updates from (specification "rendered-config" 4), as templates ask. */
import { describe, expect, test } from "bun:test";
import { parseValueTemplate } from "./template.ts";

// The whole table of the specification.
const accounts = `
af-south-1 917644944286 877085696533
ap-east-1 375569722642 800184023465
ap-northeast-1 328549459982 602401143452
ap-northeast-2 328549459982 602401143452
ap-northeast-3 328549459982 602401143452
ap-south-1 328549459982 602401143452
ap-south-2 764716012617 900889452093
ap-southeast-1 328549459982 602401143452
ap-southeast-2 328549459982 602401143452
ap-southeast-3 386774335080 296578399912
ap-southeast-4 731751899352 491585149902
ca-central-1 328549459982 602401143452
cn-north-1 183470599484 918309763551
cn-northwest-1 183901325759 961992271922
eu-central-1 328549459982 602401143452
eu-central-2 861738308508 900612956339
eu-north-1 328549459982 602401143452
eu-south-1 586180183710 590381155156
eu-south-2 620625777247 455263428931
eu-west-1 328549459982 602401143452
eu-west-2 328549459982 602401143452
eu-west-3 328549459982 602401143452
me-central-1 553577323255 759879836304
me-south-1 509306038620 558608220178
sa-east-1 328549459982 602401143452
us-east-1 328549459982 602401143452
us-east-2 328549459982 602401143452
us-gov-east-1 388230364387 151742754352
us-gov-west-1 347163068887 013241004608
us-west-1 328549459982 602401143452
us-west-2 328549459982 602401143452`;
const rows = accounts
  .trim()
  .split("\n")
  .map((row) => row.split(" ") as [region: string, hostContainers: string, pause: string]);
const facts = { hostnameResolves: false, cpuCount: undefined };

/** The value of a setting with this template, on a host in a region. */
function value(template: string, region: string, os: object = {}): string {
  return parseValueTemplate("settings.x", template).render({ settings: { aws: { region } }, os }, facts);
}
const domain = (region: string) => (region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com");
const ecr = "{{ settings.aws.region | ecr_prefix }}";
const pause = "{{ settings.aws.region | pause_prefix }}";
const metadata =
  "{{ settings.aws.region | tuf_prefix }}{{ settings.aws.region | metadata_prefix }}/2020-07-07/{{ os.variant_id }}/{{ os.arch }}/";

describe("the registries of a region", () => {
  test("Check 11: there are 31 with host containers, each with its account and domain", () => {
    expect(rows).toHaveLength(31);
    for (const [region, account] of rows)
      expect(value(ecr, region)).toBe(`${account}.dkr.ecr.${region}.${domain(region)}`);
  });
  test("Check 12: there are 31 with the pause image", () => {
    for (const [region, , account] of rows)
      expect(value(pause, region)).toBe(`${account}.dkr.ecr.${region}.${domain(region)}`);
  });
  test("Check 11, Check 12: an unknown region has account and region of us-east-1, together", () => {
    for (const region of ["mars-1", "constructor", ""]) {
      expect(value(ecr, region)).toBe("328549459982.dkr.ecr.us-east-1.amazonaws.com");
      expect(value(pause, region)).toBe("602401143452.dkr.ecr.us-east-1.amazonaws.com");
    }
  });
});

describe("Check 13: the update repository of a region", () => {
  const os = { variant_id: "aws-ecs-1", arch: "aarch64" };
  test("is the public one, for an unknown region too", () => {
    for (const region of [...rows.map(([name]) => name).filter((name) => !name.startsWith("cn-")), "mars-1"])
      expect(value(metadata, region, os)).toBe(
        "https://updates.pinwheel.example/2020-07-07/aws-ecs-1/aarch64/",
      );
  });
  test("is their own in China, with metadata and targets apart", () => {
    for (const region of ["cn-north-1", "cn-northwest-1"]) {
      const { pathname, host } = new URL(value(metadata, region, os));
      expect(pathname).toBe("/latest/metadata/2020-07-07/aws-ecs-1/aarch64/");
      expect(host).toContain(region);
      expect(value("{{ settings.aws.region | tuf_prefix }}/targets/", region)).toBe(
        `https://${host}/latest/targets/`,
      );
    }
  });
});

test("settings Check 39: the source of a host container in a region", () => {
  expect(value(`${ecr}/bottlerocket-admin:v0.9.3`, "us-west-2")).toBe(
    "328549459982.dkr.ecr.us-west-2.amazonaws.com/bottlerocket-admin:v0.9.3",
  );
});

test("containers Check 27: in a region that is not known it is that of us-east-1; in GovCloud it has no .cn", () => {
  const admin = `${ecr}/bottlerocket-admin:v0.9.3`;
  expect(value(admin, "xx-new-1")).toBe(
    "328549459982.dkr.ecr.us-east-1.amazonaws.com/bottlerocket-admin:v0.9.3",
  );
  expect(value(admin, "us-gov-west-1")).toBe(
    "347163068887.dkr.ecr.us-gov-west-1.amazonaws.com/bottlerocket-admin:v0.9.3",
  );
});
