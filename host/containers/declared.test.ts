import { describe, expect, it } from "bun:test";
import { readBootstrapContainers } from "./bootstrap-containers.ts";
import { readHostContainers } from "./host-containers.ts";

describe("a host container as the settings declare it", () => {
  it("is disabled and has no superpowers unless they say so; its user data is decoded", () => {
    const declared = {
      probe: { source: "r.example/a:1", "user-data": "aGk=" },
      admin: {
        source: "[fd00::1]:5000/b_c@sha256:00",
        enabled: true,
        superpowered: true,
        limits: { memory: "64Mi", cpu: "1.5", pids: 100 },
      },
    };
    expect(readHostContainers(declared)).toEqual([
      {
        name: "admin",
        container: {
          name: "admin",
          source: "[fd00::1]:5000/b_c@sha256:00",
          userData: undefined,
          isEnabled: true,
          isSuperpowered: true,
          limits: { memory: "64Mi", cpu: "1.5", pids: "100" },
        },
      },
      {
        name: "probe",
        container: {
          name: "probe",
          source: "r.example/a:1",
          userData: Buffer.from("hi"),
          isEnabled: false,
          isSuperpowered: false,
          limits: {},
        },
      },
    ]);
  });

  it("there is none where nothing is set", () => {
    expect(readHostContainers(undefined)).toEqual([]);
    expect(readHostContainers({})).toEqual([]);
  });

  const problems: [what: string, name: string, declared: object, problem: string][] = [
    ["without a source", "x", { enabled: true }, "settings.host-containers.x.source is not set"],
    [
      "with a source that would begin another line of the environment file",
      "x",
      { source: "r.example/a:1\nCTR_SUPERPOWERED=true" },
      "settings.host-containers.x.source is not an image reference",
    ],
    [
      "with a source that systemd would read as quoted",
      "x",
      { source: 'r.example/a:1"' },
      "settings.host-containers.x.source is not an image reference",
    ],
    [
      "with user data that is not base64",
      "x",
      { source: "r.example/a:1", "user-data": "aGk=\n" },
      "settings.host-containers.x.user-data is not base64",
    ],
    [
      "with a limit that would begin another line of the environment file",
      "x",
      { source: "r.example/a:1", limits: { memory: "1Gi\nCTR_SUPERPOWERED=true" } },
      "settings.host-containers.x.limits.memory is not an amount of memory",
    ],
    [
      "whose name leads to another directory",
      "../x",
      { source: "r.example/a:1" },
      "the name has other characters than A-Z a-z 0-9 -",
    ],
  ];
  for (const [what, name, declared, problem] of problems) {
    it(`${what} is a problem`, () => {
      expect(readHostContainers({ [name]: declared })).toEqual([{ name, problem }]);
    });
  }
});

it("a bootstrap container's mode is off and it is not essential unless the settings say so", () => {
  const source = "r.example/a:1";
  const declared = { a: { source }, b: { source, mode: "once", essential: true } };
  expect(readBootstrapContainers(declared)).toEqual([
    { name: "a", container: { name: "a", source, userData: undefined, mode: "off", isEssential: false } },
    { name: "b", container: { name: "b", source, userData: undefined, mode: "once", isEssential: true } },
  ]);
  expect(readBootstrapContainers({ c: { mode: "always" } })).toEqual([
    { name: "c", problem: "settings.bootstrap-containers.c.source is not set" },
  ]);
});
