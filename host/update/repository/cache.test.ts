import { describe, expect, it } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cachePlaces, openCachedRepository, stageCopy, trustedRootFile } from "./index.ts";
import { newKey, refusal, sha256, TestRepository } from "./testing.ts";

const MANIFEST = { "manifest.json": "{}" };

describe("the copy for the next boot", () => {
  async function copied(there: TestRepository, host: string, names: readonly string[]) {
    const places = cachePlaces(host);
    await (await stageCopy(await there.open(host), names, places)).commit();
    return places;
  }

  it("holds the roles, all root roles and the targets with their hashes (updates Check 23), and can be read", async () => {
    using there = new TestRepository();
    there.rotate(newKey());
    const host = there.host(); // trusts 2 from the beginning
    there.rotate(newKey());
    there.publish({ ...MANIFEST, "migrate_v1.1.0_a.lz4": "a", image: "not kept" }, 100);
    const places = await copied(there, host, ["migrate_v1.1.0_a.lz4", "manifest.json"]);
    const roles = ["1.root.json", "2.root.json", "3.root.json", "100.snapshot.json", "100.targets.json"];
    expect(readdirSync(places.metadata).sort()).toEqual([...roles, "timestamp.json"].sort());
    expect(readdirSync(places.targets).sort()).toEqual(
      [`${sha256("{}")}.manifest.json`, `${sha256("a")}.migrate_v1.1.0_a.lz4`].sort(),
    );
    for (const name of [...roles, "timestamp.json"]) {
      expect(readFileSync(join(places.metadata, name), "utf8")).toBe(
        String(there.files.get(`metadata/${name}`)),
      );
    }
    const source = await openCachedRepository(join(host, trustedRootFile), places);
    expect(Buffer.from(await source.read("manifest.json")).toString()).toBe("{}");
    expect(await refusal(source.read("image"))).toStartWith("repository/not-found: There is nothing at ");
  });

  it("is not begun where there is no space for it", async () => {
    using there = new TestRepository();
    const host = there.host();
    there.publish({ "manifest.json": new Uint8Array(6 * 1024 * 1024) }, 100);
    const places = cachePlaces(host);
    const repository = await there.open(host);
    const stage = (free: number) =>
      stageCopy(repository, ["manifest.json"], places, async (path) =>
        path === places.targets ? free : 1e9,
      );
    const mib = 1024 * 1024;
    expect(await refusal(stage(10 * mib - 1))).toBe(
      `repository/no-space: ${places.targets} has 9 MiB free, but 10 MiB are needed`,
    );
    expect([readdirSync(places.metadata), readdirSync(places.targets)]).toEqual([[], []]);
    await stage(10 * mib);
  });

  it("is read however long ago it expired", async () => {
    using there = new TestRepository();
    const host = there.host();
    there.publish(MANIFEST, 100);
    const places = await copied(there, host, ["manifest.json"]);
    there.publish(MANIFEST, 101, -3000n);
    for (const name of ["timestamp.json", "101.snapshot.json", "101.targets.json"]) {
      writeFileSync(join(places.metadata, name), String(there.files.get(`metadata/${name}`)));
    }
    const source = await openCachedRepository(join(host, trustedRootFile), places);
    expect(Buffer.from(await source.read("manifest.json")).toString()).toBe("{}");
  });

  it("is refused when a target or a role in it was changed, or is foreign", async () => {
    using there = new TestRepository();
    using foreign = new TestRepository();
    const host = there.host();
    there.publish(MANIFEST, 100);
    const places = await copied(there, host, ["manifest.json"]);
    const root = join(host, trustedRootFile);
    writeFileSync(join(places.targets, `${sha256("{}")}.manifest.json`), "[]");
    const source = await openCachedRepository(root, places);
    expect(await refusal(source.read("manifest.json"))).toStartWith(
      `repository/bad-target: The target manifest.json at ${places.targets}/${sha256("{}")}.manifest.json is not what was signed`,
    );
    expect(await refusal(openCachedRepository(join(foreign.host(), trustedRootFile), places))).toStartWith(
      `repository/unsigned: The timestamp role at ${places.metadata}/timestamp.json is not signed`,
    );
  });

  it("stays whole until the new one is: only then what it needed is removed", async () => {
    using there = new TestRepository();
    const host = there.host();
    there.publish({ ...MANIFEST, old: "old" }, 100);
    const places = await copied(there, host, ["old", "manifest.json"]);
    there.publish({ ...MANIFEST, new: "new" }, 101);
    const staged = await stageCopy(await there.open(host), ["new", "manifest.json"], places);
    const root = join(host, trustedRootFile);
    expect(Buffer.from(await (await openCachedRepository(root, places)).read("old")).toString()).toBe("old");
    await staged.commit();
    expect(Buffer.from(await (await openCachedRepository(root, places)).read("new")).toString()).toBe("new");
    expect(readdirSync(places.targets).some((name) => name.endsWith(".old"))).toBe(false);
    expect(readdirSync(places.metadata).sort()).toEqual([
      "1.root.json",
      "101.snapshot.json",
      "101.targets.json",
      "timestamp.json",
    ]);
  });

  it("does not fetch again what is there already", async () => {
    using there = new TestRepository();
    const host = there.host();
    there.publish(MANIFEST, 100);
    await copied(there, host, ["manifest.json"]);
    there.requests.length = 0;
    await copied(there, host, ["manifest.json"]);
    expect(there.requests.filter(({ pathname }) => pathname.startsWith("/targets/"))).toEqual([]);
  });
});
