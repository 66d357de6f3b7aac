import { describe, expect, test } from "bun:test";
import { loopbackAliases, mergedHosts, namesHost, ownLines } from "./hosts.ts";

const hosts = [
  ["::1", ["six"]],
  ["192.0.2.1", ["a", "b"]],
  ["127.0.0.2", ["two"]],
  ["0:0:0:0:0:0:0:1", ["sechs"]],
  ["192.0.2.1", ["b", "c"]],
  ["127.0.0.1", ["one"]],
];

describe("entries of settings.network.hosts", () => {
  test("of one address are merged at the first's place, in order, duplicates kept", () => {
    expect(mergedHosts(hosts)).toEqual([
      { address: "::1", names: ["six", "sechs"] },
      { address: "192.0.2.1", names: ["a", "b", "b", "c"] },
      { address: "127.0.0.2", names: ["two"] },
      { address: "127.0.0.1", names: ["one"] },
    ]);
  });
  test("have their own lines, except exactly 127.0.0.1 and ::1", () => {
    expect(ownLines(hosts).map(({ address }) => address)).toEqual(["192.0.2.1", "127.0.0.2"]);
  });
  test("are none when the setting is unset", () => expect(ownLines(undefined)).toEqual([]));
  test("of another shape are an error", () => {
    expect(() => mergedHosts([["192.0.2.1", "a"]])).toThrow(
      "a hosts entry is not an address with a list of names",
    );
    expect(() => mergedHosts("x")).toThrow("the hosts entries are not a list");
  });
});

describe("the loopback lines have", () => {
  test("the names that the setting gives to their address", () => {
    expect(loopbackAliases("ipv4", "n", hosts, true)).toEqual(["one"]);
    expect(loopbackAliases("ipv6", "n", hosts, true)).toEqual(["six", "sechs"]);
  });
  test("the hostname first, when the resolver does not find it elsewhere", () => {
    expect(loopbackAliases("ipv4", "n", hosts, false)).toEqual(["n", "one"]);
    expect(loopbackAliases("ipv6", "n", undefined, false)).toEqual(["n"]);
  });
  test("no hostname that an entry lists, or that is empty", () => {
    expect(loopbackAliases("ipv4", "a", hosts, false)).toEqual(["one"]);
    expect(loopbackAliases("ipv4", "", hosts, false)).toEqual(["one"]);
    expect(namesHost(hosts, "a")).toBe(true);
    expect(namesHost(hosts, "A")).toBe(false);
  });
});
