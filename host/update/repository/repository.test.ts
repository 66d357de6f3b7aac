/** The repository as a host sees it, over real HTTP, with real keys. */
import { describe, expect, it } from "bun:test";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { trustedRootFile } from "./index.ts";
import { newKey, readAll, sha256, TestRepository } from "./testing.ts";

const MANIFEST = { "manifest.json": "{}" };

describe("a repository", () => {
  it("gives what it lists, verified, and tells every request's parameters sorted (updates Check 20)", async () => {
    using there = new TestRepository();
    there.publish({ "manifest.json": "{}", "a+b c.lz4": "images" }, 100);
    const { targets, tell, ...repository } = await there.open(there.host());
    expect(targets.has("manifest.json")).toBe(true);
    expect(targets.has("constructor")).toBe(false);
    expect(Buffer.from(await targets.read("manifest.json")).toString()).toBe("{}");
    tell.call(repository, "target", "1.1.0");
    tell.call(repository, "migrations", "a.lz4,manifest.json");
    expect(targets.length("a+b c.lz4")).toBe(6);
    expect(await readAll(targets.stream("a+b c.lz4"))).toBe("images");
    expect(there.requests.map(({ pathname, search }) => pathname + search)).toEqual([
      "/metadata/2.root.json?seed=7&version=1.0.0",
      "/metadata/timestamp.json?seed=7&version=1.0.0",
      "/metadata/100.snapshot.json?seed=7&version=1.0.0",
      "/metadata/100.targets.json?seed=7&version=1.0.0",
      `/targets/${sha256("{}")}.manifest.json?seed=7&version=1.0.0`,
      `/targets/${sha256("images")}.a%2Bb%20c.lz4?migrations=a.lz4%2Cmanifest.json&seed=7&target=1.1.0&version=1.0.0`,
    ]);
  });

  it("is followed over new root roles, also those that change the keys", async () => {
    using there = new TestRepository();
    const host = there.host();
    there.rotate(newKey());
    there.rotate(newKey());
    there.publish(MANIFEST, 100);
    expect([...(await there.open(host)).roles.roots.keys()]).toEqual([1, 2, 3]);
    // The next time they are known already.
    there.requests.length = 0;
    await there.open(host);
    expect(there.requests[0]?.pathname).toBe("/metadata/4.root.json");
  });

  it("does not go back to an older root role that is shown to it, also after an update of the image's own", async () => {
    using there = new TestRepository();
    const host = there.host();
    for (let version = 2; version <= 3; version++) there.rotate(newKey());
    const newer = there.host();
    there.rotate(newKey());
    there.publish(MANIFEST, 100);
    await there.open(host);
    copyFileSync(join(newer, trustedRootFile), join(host, trustedRootFile));
    for (let version = 1; version <= 4; version++) there.files.delete(`metadata/${version}.root.json`);
    expect([...(await there.open(host)).roles.roots.keys()]).toEqual([3, 4]);
  });

  it("may begin again with lower versions when its keys have changed: the old ones count no longer", async () => {
    using there = new TestRepository();
    const host = there.host();
    there.publish(MANIFEST, 4_000_000_000);
    await there.open(host);
    there.rotate(newKey());
    there.publish(MANIFEST, 100);
    expect((await there.open(host)).roles.snapshot.name).toBe("100.snapshot.json");
  });

  it("of another URL is another one", async () => {
    using there = new TestRepository();
    using other = new TestRepository();
    const host = there.host();
    there.publish(MANIFEST, 200);
    await there.open(host);
    for (const [path, file] of there.files) other.files.set(path, file);
    other.key = there.key;
    other.publish(MANIFEST, 100);
    expect((await other.open(host)).roles.snapshot.name).toBe("100.snapshot.json");
  });
});
