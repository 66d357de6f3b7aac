import { describe, expect, test } from "bun:test";
import { groups } from "../host/settings/index.ts";
import { entryOf, sample } from "./testing.ts";

describe("the reference", () => {
  test("has every group of the model, in its order", () => {
    expect(sample.groups.map(({ name }) => name)).toEqual(Object.keys(groups));
  });
  test("has an entry for each key, with NAME where users choose one", () => {
    const hosts = sample.groups.find(({ name }) => name === "host-containers");
    expect(hosts?.entries.map(({ key }) => key)).toEqual([
      "settings.host-containers",
      "settings.host-containers.NAME",
      "settings.host-containers.NAME.source",
      "settings.host-containers.NAME.enabled",
      "settings.host-containers.NAME.superpowered",
      "settings.host-containers.NAME.user-data",
      "settings.host-containers.NAME.limits",
      "settings.host-containers.NAME.limits.memory",
      "settings.host-containers.NAME.limits.cpu",
      "settings.host-containers.NAME.limits.pids",
    ]);
  });
  test("tells in which variants a setting is", () => {
    expect(entryOf("settings.ntp.time-servers").variants).toEqual([
      "aws-k8s-1.23",
      "aws-k8s-1.24",
      "metal-k8s-1.24",
    ]);
  });
  test("joins the variants with the same default, under the names that the defaults have", () => {
    const key = "settings.host-containers.admin.source";
    expect(entryOf("settings.host-containers.NAME.source").defaults).toEqual([
      { value: { key, value: "ecr/admin:1" }, variants: ["aws-k8s-1.23", "aws-k8s-1.24"] },
      { value: { key, value: "public/admin:1" }, variants: ["metal-k8s-1.24"] },
    ]);
  });
  test("tells generators by platform, and the template of those that fill one in", () => {
    expect(entryOf("settings.kubernetes.max-pods").generators).toEqual([
      {
        value: { key: "settings.kubernetes.max-pods", command: "pluto max-pods", template: undefined },
        variants: ["aws-k8s-1.23", "aws-k8s-1.24"],
      },
    ]);
    expect(entryOf("settings.updates.metadata-base-url").generators).toMatchObject([
      { value: { template: "https://{{ os.arch }}/" }, variants: sample.variants },
    ]);
  });
  test("tells what a change writes and runs", () => {
    expect(entryOf("settings.ntp.time-servers").effects).toEqual([
      {
        value: {
          service: "ntp",
          files: ["/etc/chrony.conf"],
          commands: ["/bin/systemctl restart chronyd.service"],
        },
        variants: ["aws-k8s-1.23", "aws-k8s-1.24", "metal-k8s-1.24"],
      },
    ]);
  });
  test("tells other names", () => {
    expect(entryOf("settings.container-registry.credentials").aliases).toEqual(["creds"]);
  });
});
