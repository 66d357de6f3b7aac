import { expect, test } from "bun:test";
import type { Infer } from "./declaration.ts";
import type { kernel } from "./groups/kernel.ts";
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
