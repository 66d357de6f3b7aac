import { describe, expect, it } from "bun:test";
import { parseCommandLine } from "./command-line.ts";

const run = ["run", "--source", "r.example/a:1", "--container-id", "a"];
const connection = { socket: "/run/host-containerd/containerd.sock", namespace: "default" };

describe("containers 7.1: the command line of host-ctr", () => {
  it("names what is run, by default a normal host container", () => {
    expect(parseCommandLine(run)).toEqual({
      kind: "run",
      connection,
      source: "r.example/a:1",
      registryConfig: undefined,
      name: "a",
      container: "host",
      profile: "normal",
      limits: { memoryBytes: undefined, milliCpus: undefined, pids: undefined },
    });
  });
  for (const [words, profile] of [
    [["--superpowered"], "superpowered"],
    [["--superpowered=true"], "superpowered"],
    [["--superpowered=false"], "normal"],
    [["--container-type=bootstrap"], "bootstrap"],
    [["-container-type", "bootstrap", "--superpowered=0"], "bootstrap"],
  ] as const) {
    it(`takes ${words.join(" ")}`, () =>
      expect(parseCommandLine([...run, ...words])).toMatchObject({ kind: "run", profile }));
  }
  it("takes limits; those that are empty are none", () => {
    expect(parseCommandLine([...run, "--memory=64Mi", "--cpu", "1.5", "--pids=100"])).toMatchObject({
      limits: { memoryBytes: 67_108_864, milliCpus: 1500, pids: 100 },
    });
    expect(parseCommandLine([...run, "--memory=", "--cpu=", "--pids="])).toEqual(parseCommandLine(run));
  });
  it("takes flags of all commands before the command only", () => {
    const given = ["-s", "/s", "--namespace=n", "clean-up", "--container-id=boot.a"];
    expect(parseCommandLine(given)).toEqual({
      kind: "clean-up",
      connection: { socket: "/s", namespace: "n" },
      id: "boot.a",
    });
    expect(parseCommandLine([...run, "-s", "/s"])).toMatchObject({
      kind: "wrong",
      problem: "there is no flag -s",
    });
  });
  it("without a command is a request for help", () => {
    expect(parseCommandLine([])).toMatchObject({ kind: "help" });
    expect(parseCommandLine(["run", "--help"])).toMatchObject({ kind: "help" });
  });

  const wrong: [what: string, words: readonly string[], problem: string, exitCode?: 3][] = [
    [
      "Check 13: bootstrap and superpowered",
      [...run, "--container-type", "bootstrap", "--superpowered"],
      "bootstrap containers cannot be superpowered",
    ],
    [
      "Check 13: an unknown type",
      [...run, "--container-type", "foo"],
      '--container-type is "foo"; accepted: host, bootstrap',
    ],
    ["Check 13: no source", ["run", "--container-id", "a"], "--source must be given"],
    ["neither source nor id", ["run"], "--source, --container-id must be given"],
    ["a bad boolean", [...run, "--superpowered=maybe"], '--superpowered is "maybe", not true or false'],
    ["a limit that is none", [...run, "--cpu=half"], '--cpu is "half", which is no such limit'],
    ["an unknown flag", ["--what"], "there is no flag -what"],
    ["a flag without its value", ["clean-up", "--container-id"], "--container-id needs a value: ID"],
    [
      "a name that leads out of its directory",
      ["run", "--source=x", "--container-id=../x"],
      '--container-id is "../x"; accepted: 1 to 76 characters A-Z a-z 0-9 -',
    ],
    ["an unknown command", ["stop"], "No help topic for 'stop'", 3],
    ["a command that objects have by themselves", ["constructor"], "No help topic for 'constructor'", 3],
  ];
  for (const [what, words, problem, exitCode = 1] of wrong) {
    it(`refuses ${what}`, () =>
      expect(parseCommandLine(words)).toMatchObject({ kind: "wrong", problem, exitCode }));
  }
});
