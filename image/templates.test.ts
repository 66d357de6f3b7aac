import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testVariantContent } from "../host/settings/testing.ts";
import { installTemplates } from "./templates.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "pinwheel-templates-"));
  for (const name of ["motd", "unused"]) await writeFile(join(directory, name), `text of ${name}`);
  await symlink("motd", join(directory, "motd-2"));
});
afterEach(() => rm(directory, { recursive: true }));

const variant = (...templates: string[]) => {
  const file = (name: string) => ({
    path: `/etc/${name}`,
    "template-path": `/usr/share/templates/${name}`,
    format: "text",
  });
  const files = Object.fromEntries(templates.map((name) => [name, file(name)]));
  return JSON.stringify({ ...testVariantContent, "configuration-files": files });
};

describe("the templates of an image", () => {
  test("are those of the variant's files alone, links as files", async () => {
    const tree = join(directory, "tree");
    await installTemplates(directory, variant("motd", "motd-2"), tree);
    const installed = join(tree, "usr/share/templates");
    expect((await readdir(installed)).sort()).toEqual(["motd", "motd-2"]);
    expect(await readFile(join(installed, "motd-2"), "utf8")).toBe("text of motd");
    expect((await lstat(join(installed, "motd-2"))).isFile()).toBe(true);
  });
  test("must all be there", () => {
    expect(
      installTemplates(directory, variant("motd", "nope", "no"), join(directory, "tree")),
    ).rejects.toThrow(
      `There is no template for these configuration files in ${directory}: /usr/share/templates/nope of nope, /usr/share/templates/no of no`,
    );
  });
});
