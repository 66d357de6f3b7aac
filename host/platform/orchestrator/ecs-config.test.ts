import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ecsConfig } from "./ecs-config.ts";
import { writeEcsConfig } from "./write-ecs-config.ts";

const text = (settings: object, variant = "aws-ecs-1") => {
  const config = ecsConfig(settings, variant);
  return "text" in config ? config.text : config.missing;
};

describe("the configuration of the ECS agent", () => {
  it("rendered-config Check 35: has what is set, the fixed members, and nothing else", () => {
    const ecs = { "allow-privileged-containers": false, "image-pull-behavior": "prefer-cached" };
    expect(text({ ecs, autoscaling: { "should-wait": false } })).toBe(
      '{"InstanceAttributes":{"bottlerocket.variant":"aws-ecs-1"},"PrivilegedDisabled":true,"WarmPoolsSupport":false,"ImagePullBehavior":3,"TaskIAMRoleEnabled":true,"TaskIAMRoleEnabledForNetworkHost":true,"SELinuxCapable":true,"OverrideAWSLogsExecutionRole":true,"TaskENIEnabled":true,"GPUSupportEnabled":false}',
    );
  });

  it("has all members in their order when all is set", () => {
    const ecs = {
      cluster: "web",
      "instance-attributes": { stack: "blue", "bottlerocket.variant": "mine" },
      "allow-privileged-containers": true,
      "logging-drivers": ["json-file", "none"],
      "enable-spot-instance-draining": true,
      "image-pull-behavior": "default",
      "metadata-service-rps": 40,
      "metadata-service-burst": 60,
      "reserved-memory": 512,
    };
    expect(text({ ecs, autoscaling: { "should-wait": true } }, "aws-ecs-1-nvidia")).toBe(
      '{"Cluster":"web","InstanceAttributes":{"bottlerocket.variant":"mine","stack":"blue"},"PrivilegedDisabled":false,"AvailableLoggingDrivers":["json-file","none"],"SpotInstanceDrainingEnabled":true,"WarmPoolsSupport":true,"ImagePullBehavior":0,"TaskIAMRoleEnabled":true,"TaskIAMRoleEnabledForNetworkHost":true,"SELinuxCapable":true,"OverrideAWSLogsExecutionRole":true,"TaskENIEnabled":true,"GPUSupportEnabled":true,"TaskMetadataSteadyStateRate":40,"TaskMetadataBurstRate":60,"ReservedMemory":512}',
    );
  });

  const behaviors: [word: string, number: number][] = [
    ["default", 0],
    ["always", 1],
    ["once", 2],
    ["prefer-cached", 3],
  ];
  for (const [word, number] of behaviors) {
    it(`numbers the image pull behavior ${word} ${number}`, () => {
      const config = JSON.parse(String(text({ ecs: { "image-pull-behavior": word }, autoscaling: {} })));
      expect(config.ImagePullBehavior).toBe(number);
    });
  }

  it("leaves out an empty list of log drivers", () => {
    expect(text({ ecs: { "logging-drivers": [] }, autoscaling: {} })).not.toContain(
      "AvailableLoggingDrivers",
    );
  });

  it("needs both groups", () => {
    expect(text({})).toEqual(["settings.ecs", "settings.autoscaling"]);
    expect(text({ ecs: {} })).toEqual(["settings.autoscaling"]);
  });
});

describe("its file", () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "pinwheel-ecs-"));
  });
  afterEach(() => rm(root, { recursive: true }));
  const path = () => join(root, "etc/ecs/ecs.config.json");
  const model = (cluster: string) => ({
    os: { variant_id: "aws-ecs-1" },
    settings: { ecs: { cluster }, autoscaling: { "should-wait": false } },
  });

  it("is written whole from settings and variant, and left alone when it is the same", async () => {
    const done = await writeEcsConfig(root, model("web"));
    expect(done).toEqual([
      { level: "info", text: `the configuration of the ECS agent is written to ${path()}` },
    ]);
    expect(JSON.parse(await readFile(path(), "utf8"))).toMatchObject({
      Cluster: "web",
      InstanceAttributes: { "bottlerocket.variant": "aws-ecs-1" },
    });
    const { ino } = await stat(path());
    expect(await writeEcsConfig(root, model("web"))).toEqual([]);
    expect((await stat(path())).ino).toBe(ino);
    await writeEcsConfig(root, model("other"));
    expect(await readFile(path(), "utf8")).toContain('"Cluster":"other"');
    expect(await readdir(join(root, "etc/ecs"))).toEqual(["ecs.config.json"]);
  });

  it("stays as it was when a group is missing, which is named", async () => {
    await writeEcsConfig(root, model("web"));
    const { os } = model("");
    await expect(writeEcsConfig(root, { os, settings: { ecs: { cluster: "x" } } })).rejects.toThrow(
      "the configuration of the ECS agent needs settings that are not there: settings.autoscaling",
    );
    expect(await readFile(path(), "utf8")).toContain('"Cluster":"web"');
  });
});
