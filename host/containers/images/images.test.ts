import { describe, expect, it } from "bun:test";
import { chainIds, digestOf } from "./chain.ts";
import { parseChallenge } from "./challenge.ts";
import { parseImageConfig, parseImageDocument } from "./manifest.ts";
import { pullAttempts, retryDelayMs } from "./retry.ts";

describe("containers Check 18: a pull that fails", () => {
  it("is tried 6 times", () => expect(pullAttempts).toBe(6));
  it("waits 3 to 7, 4 to 8, 6 to 10, 10 to 14 and 18 to 22 s in between", () => {
    const spans = [1, 2, 3, 4, 5].map((retry) => [retryDelayMs(retry, 0), retryDelayMs(retry, 0.999999)]);
    expect(spans).toEqual([
      [3000, 6999],
      [4000, 7999],
      [6000, 9999],
      [10_000, 13_999],
      [18_000, 21_999],
    ]);
  });
  it("never waits longer than 36 s, however often it was tried", () =>
    expect(retryDelayMs(40, 0)).toBe(32_000));
});

describe("what a registry asks for", () => {
  it("is a token from somewhere", () =>
    expect(
      parseChallenge('Bearer realm="https://a.example/t",service="s",scope="repository:x:pull,push"'),
    ).toEqual({
      kind: "bearer",
      realm: "https://a.example/t",
      service: "s",
      scope: "repository:x:pull,push",
    }));
  it("is a password", () => expect(parseChallenge('BASIC realm="x"')).toEqual({ kind: "basic" }));
  it("is nothing that we know", () => expect(parseChallenge('Negotiate, Digest realm="x"')).toBeUndefined());
});

it("an unpacked layer is named by all layers below it", () => {
  const [a, b, c] = ["a", "b", "c"].map((text) => digestOf(Buffer.from(text))) as [string, string, string];
  const two = digestOf(Buffer.from(`${a} ${b}`));
  expect(chainIds([a, b, c])).toEqual([a, two, digestOf(Buffer.from(`${two} ${c}`))]);
  expect(chainIds([])).toEqual([]);
});

describe("the documents of an image", () => {
  const oci = "application/vnd.oci.image.manifest.v1+json";
  const read = (value: unknown, type = oci) => parseImageDocument(type, Buffer.from(JSON.stringify(value)));
  const descriptor = { mediaType: "x", digest: digestOf(Buffer.from("")), size: 0 };
  it("say what is wrong with them", () => {
    expect(() => read({})).toThrow("config is not an object");
    expect(() => read({ config: { ...descriptor, digest: "sha256:0" }, layers: [] })).toThrow(
      "config.digest is not a digest",
    );
    expect(() => read({ config: descriptor, layers: [{ ...descriptor, size: -1 }] })).toThrow(
      "layers[0].size is not a number of bytes",
    );
    expect(() => read({}, "text/html")).toThrow('a manifest of type "text/html" cannot be used');
  });
  it("a configuration has defaults for all that it may leave out, but not for its layers", () => {
    const config = (value: unknown) => parseImageConfig(Buffer.from(JSON.stringify(value)));
    expect(config({ rootfs: { diff_ids: [descriptor.digest] }, config: { Cmd: ["x"] } })).toEqual({
      diffIds: [descriptor.digest],
      entrypoint: [],
      command: ["x"],
      environment: [],
      workingDirectory: "",
      user: "",
    });
    expect(() => config({})).toThrow("rootfs is not an object");
    expect(() => config({ rootfs: { diff_ids: ["../x"] } })).toThrow(
      'rootfs.diff_ids has "../x", which is no digest',
    );
  });
});
