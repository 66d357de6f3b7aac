import { expect, test } from "bun:test";
import type { Infer } from "./declaration.ts";
import type { containerRegistry } from "./groups/container-registry.ts";
import type { kernel } from "./groups/kernel.ts";
import type { kubernetes } from "./groups/kubernetes.ts";
import type { network } from "./groups/network.ts";

// Checked by the compiler: the annotations would not fit another declaration.
test("the type of a group's settings follows from its declaration", () => {
  const names: Infer<typeof network> = { hostname: "a", hosts: [["::1", ["a"]]], "no-proxy": [] };
  const parameters: Infer<typeof kernel> = {
    lockdown: "none",
    modules: { sctp: { allowed: false } },
    sysctl: { "vm.swappiness": "10" },
  };
  // @ts-expect-error a sysctl is a text
  const wrong: Infer<typeof kernel> = { sysctl: { a: 10 } };
  expect([names.hostname, parameters.lockdown, wrong.sysctl?.a]).toEqual(["a", "none", 10 as never]);
});

test("types made of others say what they store", () => {
  const node: Infer<typeof kubernetes> = {
    "cluster-dns-ip": ["10.96.0.10"],
    "node-taints": { gpu: ["yes:NoSchedule"] },
    "image-gc-high-threshold-percent": 85,
    "static-pods": { web: { enabled: true } },
  };
  const registry: Infer<typeof containerRegistry> = { mirrors: [{ registry: "a", endpoint: ["b"] }] };
  // @ts-expect-error taints are stored as a list
  const wrong: Infer<typeof kubernetes> = { "node-taints": { gpu: "yes:NoSchedule" } };
  expect([node["cluster-dns-ip"], registry.mirrors?.[0]?.endpoint?.[0], wrong["node-taints"]?.gpu]).toEqual([
    ["10.96.0.10"],
    "b",
    "yes:NoSchedule" as never,
  ]);
});
