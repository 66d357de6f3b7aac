import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { parseReference } from "./reference.ts";

const digest = `sha256:${"0a".repeat(32)}`;

describe("containers 8.1: a reference to an image", () => {
  const good: [text: string, host: string, repository: string, tag?: string | undefined, digest?: string][] =
    [
      ["r.example/a:1", "r.example", "a", "1"],
      ["r.example:5000/team/agent:v1.0_x", "r.example:5000", "team/agent", "v1.0_x"],
      [`r.example/a@${digest}`, "r.example", "a", undefined, digest],
      [`r.example/a:1@${digest}`, "r.example", "a", "1", digest],
      ["docker.io/library/alpine:3", "docker.io", "library/alpine", "3"],
      ["[fd00::1]:5000/b_c:1", "[fd00::1]:5000", "b_c", "1"],
      ["localhost/x:1", "localhost", "x", "1"],
      [`r.example/a:${"t".repeat(128)}`, "r.example", "a", "t".repeat(128)],
    ];
  for (const [text, host, repository, tag, itsDigest] of good) {
    it(`${text.slice(0, 50)} is one`, () =>
      expect(parseReference(text)).toEqual({ text, host, repository, tag, digest: itsDigest }));
  }

  const form = "it is not HOST[:PORT]/PATH[:TAG][@DIGEST] with a path in lower case";
  const bad: [text: string, problem: string][] = [
    ["alpine", "it names no registry; images of Docker Hub are docker.io/library/NAME:TAG"],
    ["nginx:1", "it names no registry; images of Docker Hub are docker.io/library/NAME:TAG"],
    ["r.example/a", "it has neither a tag nor a digest, and no tag is implied"],
    ["https://r.example/a:1", "it has a scheme; a reference begins with the registry's host"],
    ["r.example/A:1", form],
    ["r.example/a:", form],
    ["r.example/a/../b:1", form],
    ["r.example/a:1\n", form],
    [`r.example/a:${"t".repeat(129)}`, form],
    [
      "r.example/a@sha256:00",
      "its digest is not sha256: or sha512: with as many hexadecimal digits as that has",
    ],
  ];
  for (const [text, problem] of bad) {
    it(`${JSON.stringify(text.slice(0, 50))} is none`, () =>
      expect(parseReference(text)).toEqual({ problem }));
  }

  it("of any text that is one, host, path, tag and digest make the text again", () => {
    const part = fc.stringMatching(/^[a-z0-9]+([._-][a-z0-9]+)*$/);
    const text = fc
      .tuple(
        part,
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.option(fc.stringMatching(/^\w[\w.-]{0,20}$/)),
      )
      .map(([host, path, tag]) => `${host}/${path.join("/")}${tag === null ? `@${digest}` : `:${tag}`}`);
    fc.assert(
      fc.property(fc.oneof(text, fc.string()), (given) => {
        const parsed = parseReference(given);
        if ("problem" in parsed) return;
        const { host, repository, tag, digest: found } = parsed;
        const again = `${host}/${repository}${tag === undefined ? "" : `:${tag}`}${found === undefined ? "" : `@${found}`}`;
        expect(again).toBe(given);
      }),
    );
  });
});
