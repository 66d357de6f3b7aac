import { describe, expect, it } from "bun:test";
import { readdirSync } from "node:fs";
import { ownVariants } from "../settings/testing.ts";
import { requestLines, requestsOf } from "./collections.ts";
import { parseRequest } from "./requests.ts";

const everywhere =
  "containerd-config containerd-config-host df df-inodes dmesg iptables-filter iptables-nat journalctl-boots " +
  "journalctl.errors journalctl.log systemd-analyze-blame systemd-analyze-critical-chain proc-mounts signpost wicked " +
  "networkctl os-release /var/log/kdump/* settings.json";

describe("what is collected (specification containers 15.3)", () => {
  const table: [variant: string, more: string][] = [
    ["metal-base", ""],
    ["aws-k8s-1.24", "kube-status ipamd.log plugin.log"],
    ["aws-k8s-1.24-nvidia", "kube-status ipamd.log plugin.log"],
    ["vmware-k8s-1.21", "kube-status"],
    ["metal-k8s-1.24", "kube-status"],
    [
      "aws-ecs-1",
      "docker-info docker-daemon.json ecs-agent-state.json ecs-config.json ecs-tasks /var/log/ecs/agent-runtime-stats.log* " +
        "/var/log/ecs/ecs-cni-bridge-plugin.log* /var/log/ecs/ecs-cni-eni-plugin.log* /var/log/ecs/vpc-branch-eni.log*",
    ],
    ["metal-dev", "docker-info docker-daemon.json"],
  ];
  for (const [variant, more] of table) {
    it(`on ${variant}, in order`, () => {
      const names = requestsOf(variant).map((line) => line.split(" ")[1]);
      expect(names.join(" ")).toBe(`${everywhere} ${more}`.trim());
    });
  }

  it("is asked for in requests that are right, on every variant", () => {
    const variants = readdirSync(ownVariants).filter((name) => name !== "shared");
    const wrong = variants.flatMap(requestsOf).filter((line) => parseRequest(line).kind === "wrong");
    expect(wrong).toEqual([]);
  });

  it("leaves out blank lines and comments", () => {
    expect(requestLines("\n  \n# a\n  # b\nglob /a\n")).toEqual(["glob /a"]);
  });
});
