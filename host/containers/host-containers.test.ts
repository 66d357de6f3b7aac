import { describe, expect, it } from "bun:test";
import { type HostUnitFacts, hostContainerCommands, isAffected } from "./host-containers.ts";

describe("containers Check 5: a change touches", () => {
  const table: [what: string, name: string, changed: readonly string[] | undefined, touched: boolean][] = [
    ["the container whose setting it is", "admin", ["settings.host-containers.admin.enabled"], true],
    ["the container whose limit it is", "admin", ["settings.host-containers.admin.limits.memory"], true],
    [
      "no container beside one whose limit it is",
      "control",
      ["settings.host-containers.admin.limits.memory"],
      false,
    ],
    ["no other container", "admin", ["settings.host-containers.control.enabled"], false],
    ["none whose name its own only begins with", "admin", ["settings.host-containers.admin2.enabled"], false],
    ["all containers if it is about something else", "admin", ["settings.network.https-proxy"], true],
    [
      "all containers if it is also about something else",
      "admin",
      ["settings.host-containers.control.enabled", "settings.container-registry.mirrors"],
      true,
    ],
    ["all containers if it is not told what has changed", "admin", undefined, true],
    ["all containers if it is told nothing", "admin", [], true],
  ];
  for (const [what, name, changed, touched] of table) {
    it(what, () => expect(isAffected(name, changed)).toBe(touched));
  }
});

describe("the commands for a host container", () => {
  const unused = { isInUse: false, isRuntimeActive: false, isUp: true };
  const stop = "systemctl stop host-containers@probe.service";
  const cleanUp = "host-ctr clean-up --container-id probe";
  const table: [situation: string, isEnabled: boolean, facts: HostUnitFacts, commands: readonly string[]][] =
    [
      [
        "containers Check 3: on the way to the target it is enabled, and not started",
        true,
        { ...unused, isUp: false },
        ["systemctl enable host-containers@probe.service --no-reload --no-block"],
      ],
      [
        "containers Check 4: in multi-user.target it is stopped, cleaned up and started again in the background",
        true,
        { ...unused, isRuntimeActive: true },
        [stop, cleanUp, "systemctl enable host-containers@probe.service --now --no-block"],
      ],
      [
        "containers Check 4: it is not cleaned up without the runtime",
        true,
        { ...unused, isInUse: true },
        [stop, "systemctl enable host-containers@probe.service --now --no-block"],
      ],
      [
        "one that was never started is not stopped",
        true,
        unused,
        ["systemctl enable host-containers@probe.service --now --no-block"],
      ],
      [
        "a disabled one that is in use is stopped and disabled",
        false,
        { ...unused, isInUse: true },
        [stop, "systemctl disable host-containers@probe.service --now --no-block"],
      ],
      ["a disabled one that was never started costs nothing", false, unused, []],
    ];
  for (const [situation, isEnabled, facts, commands] of table) {
    it(situation, () => {
      const words = hostContainerCommands("probe", isEnabled, facts).map((command) =>
        command.words.join(" "),
      );
      expect(words).toEqual([...commands]);
    });
  }

  it("only stopping may fail: systemd may not know the unit yet", () => {
    const commands = hostContainerCommands("probe", true, {
      isInUse: true,
      isRuntimeActive: true,
      isUp: true,
    });
    expect(commands.map(({ mayFail = false }) => mayFail)).toEqual([true, false, false]);
  });
});
