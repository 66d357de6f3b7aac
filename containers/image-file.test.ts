/** The data file of a container image: what it may hold, and that the ones of this repository are right. */
import { describe, expect, it } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { imageNames } from "./build.ts";
import { parseImageFile } from "./image-file.ts";

const least = 'summary = "s"\npackages = ["tini"]\nentrypoint = ["/usr/bin/tini"]\n';

describe("the file of a container image", () => {
  it("is a valid one in every folder", async () => {
    expect(await imageNames()).toEqual(["admin", "control"]);
    for (const name of await imageNames()) {
      const file = join(import.meta.dirname, name, "image.toml");
      const image = parseImageFile(await readFile(file, "utf8"), file);
      // containers.md 2: the group of the API's socket.
      expect(image.groups.get("api")).toBe(274);
    }
  });

  it("names links with braces for many at once", () => {
    const image = parseImageFile(`${least}[links]\n"opt/bin/{ls,cat}" = "busybox"`, "i.toml");
    expect([...image.links]).toEqual([
      ["opt/bin/ls", "busybox"],
      ["opt/bin/cat", "busybox"],
    ]);
  });

  it("is refused with every mistake at once", () => {
    const text = `summary = 1
packages = ["a b"]
entrypoint = ["/x"]
remove = ["; reboot"]
colour = "red"
[groups]
api = "274"
"a;b" = 1
[users]
kim = "users"
[links]
"/etc/x" = "y"
`;
    expect(() => parseImageFile(text, "i.toml")).toThrow(
      [
        "i.toml has mistakes:",
        "colour is unknown",
        "summary is not text",
        "packages is not a list of text like ^[a-z0-9][a-z0-9+.-]*$",
        "remove is not a list of text like ^[A-Za-z0-9_][A-Za-z0-9_.*/-]*$",
        'groups."api" cannot be "274"',
        'groups."a;b" cannot be 1',
        'users."kim" cannot be "users"',
        'links."/etc/x" cannot be "y"',
      ].join("\n"),
    );
  });
});
