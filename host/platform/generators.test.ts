import { describe, expect, test } from "bun:test";
import { testModel } from "../settings/testing.ts";
import {
  generatorWords,
  isPopulated,
  leavesOfValue,
  outputOfProcess,
  proxyEnvironment,
} from "./generators.ts";

describe("a setting has a value", () => {
  const live = {
    settings: { boot: { kernel: { "a.b": ["x"] } }, "bootstrap-containers": { x: {} }, motd: "" },
  };
  const table: [key: string, populated: boolean][] = [
    ["settings.motd", true],
    ["settings.boot", true],
    ['settings.boot.kernel."a.b"', true],
    ["settings.boot.kernel.a.b", false],
    ["settings.boot.init", false],
    ["settings.bootstrap", false],
    ["settings.motd.below", false],
    ["settings.constructor", false],
    ["not a key", false],
  ];
  for (const [key, populated] of table) {
    test(`${key}: ${populated ? "there is one at or below it" : "there is none"}`, () =>
      expect(isPopulated(live, key)).toBe(populated));
  }
  test("nothing is live before the first commit", () => expect(isPopulated({}, "settings.motd")).toBe(false));
});

describe("api Check 36: the proxy that generators are told of", () => {
  test("is none when none is set", () => {
    expect(proxyEnvironment({ settings: { network: { "no-proxy": ["x"] } } })).toEqual({});
  });
  test("comes in four variables, exceptions starting with ours", () => {
    const network = { "https-proxy": "http://p:1", "no-proxy": ["a", "", "b"] };
    const kubernetes = { "api-server": "https://k.example:6443", "cluster-domain": "cluster.local" };
    const exceptions = "localhost,127.0.0.1,a,b,k.example,.cluster.local";
    expect(proxyEnvironment({ settings: { network, kubernetes } })).toEqual({
      https_proxy: "http://p:1",
      HTTPS_PROXY: "http://p:1",
      no_proxy: exceptions,
      NO_PROXY: exceptions,
    });
  });
});

describe("platform 4.2: the API server is an exception by its host alone", () => {
  const table: [address: string, host: string][] = [
    ["https://k.example:6443/x", "k.example"],
    ["k.example:6443", "k.example"],
    ["https://[fd00::1]:6443", "fd00::1"],
    ["https://", ""],
  ];
  for (const [address, host] of table) {
    test(`${address}: ${host === "" ? "none" : host}`, () => {
      const settings = { network: { "https-proxy": "http://p:1" }, kubernetes: { "api-server": address } };
      const exceptions = ["localhost", "127.0.0.1", ...(host === "" ? [] : [host])];
      expect(proxyEnvironment({ settings }).no_proxy).toBe(exceptions.join(","));
    });
  }
});

test("a generator's command line is parted at white space", () => {
  expect(generatorWords("  a\t b  c\n")).toEqual(["a", "b", "c"]);
});

describe("a generator's end means", () => {
  test("its value, trimmed, for exit code 0", () => {
    expect(outputOfProcess(0, ' "x"\n', "")).toEqual({ kind: "value", json: '"x"' });
  });
  test("no value for exit code 2, and for exit code 0 with nothing printed", () => {
    expect(outputOfProcess(2, "7", "")).toEqual({ kind: "unset", reason: "it has no value for this host" });
    expect(outputOfProcess(0, " \n", "")).toEqual({ kind: "unset", reason: "it printed nothing" });
  });
  test("a failure for every other code and for signals", () => {
    for (const code of [1, 3, undefined]) {
      expect(outputOfProcess(code, "7", "why")).toEqual({ kind: "failed", reason: "why", fault: "image" });
    }
  });
});

describe("a generated value", () => {
  const model = testModel(["motd", "updates", "network", "dns", "ntp", "kernel", "boot"]);
  test("is a leaf", () => {
    expect(leavesOfValue("settings.updates.seed", "7", model)).toEqual({
      ok: true,
      leaves: new Map([["settings.updates.seed", 7]]),
    });
  });
  test("may be a table of leaves", () => {
    const json = '{"kernel": {"console": ["tty0"]}, "init": {"a.b": []}}';
    expect(leavesOfValue("settings.boot", json, model)).toEqual({
      ok: true,
      leaves: new Map([
        ["settings.boot.kernel.console", ["tty0"]],
        ['settings.boot.init."a.b"', []],
      ]),
    });
  });
  const wrong: [situation: string, key: string, json: string][] = [
    ["not JSON", "settings.updates.seed", "seven"],
    ["two values", "settings.updates.seed", "7 8"],
    ["of the wrong type", "settings.updates.seed", '"7"'],
    ["with a fraction", "settings.updates.seed", "7.5"],
    ["that the setting refuses", "settings.network.hostname", '"My_Host"'],
    ["for a setting that is not there", "settings.nope", "1"],
  ];
  for (const [situation, key, json] of wrong) {
    test(`${situation} is a problem of its key, without a place`, () => {
      const result = leavesOfValue(key, json, model);
      expect(result.ok).toBe(false);
      if (!result.ok)
        expect(result.problems.map((problem) => [problem.key, problem.at])).toEqual([[key, undefined]]);
    });
  }
});
