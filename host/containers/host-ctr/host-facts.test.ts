import { describe, expect, it } from "bun:test";
import { hasSelinuxPolicy } from "./host-facts.ts";

describe("whether the runtime takes SELinux labels", () => {
  const table: [situation: string, label: string, isOn: boolean][] = [
    ["a policy is loaded", "system_u:system_r:init_t:s0\0", true],
    ["SELinux is in the kernel, and no policy is loaded", "kernel\0", false],
    ["the same, told with a line break", "kernel\n", false],
    ["another module answers, or none", "", false],
  ];
  for (const [situation, label, isOn] of table) {
    it(`${isOn ? "yes" : "no"}: ${situation}`, () => expect(hasSelinuxPolicy(label)).toBe(isOn));
  }
});
