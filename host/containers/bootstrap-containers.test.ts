import { describe, expect, it } from "bun:test";
import {
  type BootstrapContainer,
  type BootstrapUnitFacts,
  bootstrapCommands,
  bootstrapDropIn,
  bootstrapEnvironment,
} from "./bootstrap-containers.ts";

const container: BootstrapContainer = {
  name: "prepare",
  source: "r.example/a:1",
  userData: undefined,
  mode: "once",
  isEssential: true,
};

describe("the files of a bootstrap container", () => {
  it("containers Check 8: an essential one is required by configured.target, and its mode is in the environment", () => {
    expect(bootstrapDropIn(container)).toBe("[Install]\nRequiredBy=configured.target\n");
    expect(bootstrapEnvironment(container)).toBe("CTR_SOURCE=r.example/a:1\nCTR_MODE=once\n");
  });
  it("another one is only wanted by it", () => {
    expect(bootstrapDropIn({ ...container, isEssential: false })).toBe(
      "[Install]\nWantedBy=configured.target\n",
    );
  });
});

describe("the commands for a bootstrap container", () => {
  const enable = "systemctl enable bootstrap-containers@prepare.service --no-reload";
  const disable = "systemctl disable bootstrap-containers@prepare.service --no-reload";
  const cleanUp = "host-ctr clean-up --container-id boot.prepare";
  const table: [
    situation: string,
    change: Partial<BootstrapContainer>,
    facts: BootstrapUnitFacts,
    commands: readonly string[],
  ][] = [
    [
      "containers Check 8: mode once enables it, and nothing is started",
      {},
      { pulls: [], isRuntimeActive: false },
      [enable],
    ],
    ["so does mode always", { mode: "always" }, { pulls: [], isRuntimeActive: false }, [enable]],
    [
      "what an earlier run has left is cleaned up first",
      {},
      { pulls: [], isRuntimeActive: true },
      [cleanUp, enable],
    ],
    ["one that is enabled already costs nothing", {}, { pulls: ["requires"], isRuntimeActive: true }, []],
    [
      "one that is essential no longer loses its old link (it keeps it in the reference)",
      { isEssential: false },
      { pulls: ["requires"], isRuntimeActive: false },
      [disable, enable],
    ],
    [
      "containers Check 9: mode off disables it and cleans up where the runtime is active",
      { mode: "off" },
      { pulls: [], isRuntimeActive: true },
      [disable, cleanUp],
    ],
    [
      "mode off disables it where the runtime is not active",
      { mode: "off" },
      { pulls: ["wants"], isRuntimeActive: false },
      [disable],
    ],
    [
      "one that is off and always was costs nothing",
      { mode: "off" },
      { pulls: [], isRuntimeActive: false },
      [],
    ],
  ];
  for (const [situation, change, facts, commands] of table) {
    it(situation, () => {
      const words = bootstrapCommands({ ...container, ...change }, facts).map((each) => each.words.join(" "));
      expect(words).toEqual([...commands]);
    });
  }
});
