import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { variantModel } from "./testing.ts";
import { judge } from "./validate.ts";

const metal = variantModel("metal-k8s-1.24");
const bytes = (text: string) => new TextEncoder().encode(text);
const verdict = (text: string) => judge("user-data.toml", bytes(text), metal);

describe("user data without a host", () => {
  test("that is right is counted", () => {
    const text = '[settings]\nmotd = "hi"\n[settings.ntp]\ntime-servers = ["192.0.2.1"]\n';
    const right = { right: true, lines: ["user-data.toml: 2 settings are right for metal-k8s-1.24"] };
    expect(verdict(text)).toEqual(right);
    expect(judge("user-data.toml", gzipSync(text), metal)).toEqual(right);
  });
  test("may be JSON, which a host takes later only", () => {
    expect(verdict('{"settings": {"motd": "hi"}}')).toEqual({
      right: true,
      lines: [
        "user-data.toml: 1 setting is right for metal-k8s-1.24 (JSON: for apiclient apply; as user data a host takes TOML)",
      ],
    });
  });
  test("that is empty sets nothing", () => {
    expect(verdict("\n")).toEqual({
      right: true,
      lines: ["user-data.toml: empty, sets nothing on metal-k8s-1.24"],
    });
  });
  test("with names that are not used is told so", () => {
    expect(verdict('settings.motd = "hi"\nsetings.motd = "x"\n').lines[0]).toBe(
      'user-data.toml: the top-level name "setings" is not "settings" and is not used',
    );
  });
  test("is told with all its problems: key, line, column, what was found and what is accepted", () => {
    expect(verdict('[settings]\nmotd = 5\n[settings.ntp]\ntime-server = ["192.0.2.1"]\n')).toEqual({
      right: false,
      lines: [
        "user-data.toml:2:8: settings.motd: found the integer 5; accepted: a string",
        'user-data.toml:4:1: settings.ntp.time-server: unknown name "time-server" (did you mean "time-servers"?); accepted: one of time-servers',
        "user-data.toml: 2 problems; metal-k8s-1.24 would use nothing of it",
      ],
    });
  });
  test("must keep the rules between settings, told where they stand", () => {
    const { lines } = verdict('[settings.kubernetes]\nimage-gc-low-threshold-percent = "90"\n');
    expect(lines[0]).toMatch(
      /^user-data.toml:2:1: settings.kubernetes.image-gc-low-threshold-percent: it is 90, and /,
    );
  });
  test("for another variant is told that its group is there", () => {
    const small = variantModel("metal-dev", { groups: ["motd"] });
    expect(judge("stdin", bytes('settings.kubernetes.cluster-name = "x"\n'), small).lines[0]).toBe(
      'stdin:1:10: settings.kubernetes: variant metal-dev has no group "kubernetes", but others have; accepted: one of motd',
    );
  });
});
