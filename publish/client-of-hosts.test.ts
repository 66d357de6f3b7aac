/** Repositories as the client that hosts use reads them. */
import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Updater } from "tuf-js";
import { type Desk, META, published, serve, VARIANT } from "./testing.ts";

/** A host's client that trusts a root role, with directories of its own. */
function clientOf(desk: Desk, name: string, root: string, url: string): Updater {
  mkdirSync(desk.path(name));
  writeFileSync(desk.path(name, "root.json"), readFileSync(root));
  return new Updater({
    metadataDir: desk.path(name),
    metadataBaseUrl: `${url}/${META.join("/")}`,
    targetDir: desk.path(name),
    targetBaseUrl: `${url}/targets`,
  });
}

describe("the client of hosts", () => {
  test("takes a repository from a web server, over two changes of keys, from the first root role on", async () => {
    using desk = await published();
    const first = readFileSync(desk.path("root.json"));
    desk.write("first.json", first);
    await desk.repo("rotate", "--new-root-key", desk.path("root2.pem"), "--type", "ecdsa");
    await desk.repo(
      "rotate",
      ...["--root-key", desk.path("root2.pem"), "--new-signing-key", desk.path("sign2.pem"), "--type", "rsa"],
    );
    await desk.build("1.1.0");
    desk.release("1.1.0", '"(1.0.0, 1.1.0)" = []');
    const next = ["--from", desk.path("out"), "--out", desk.path("next")];
    await expect(desk.repo("build", VARIANT, ...next)).rejects.toThrow("may not sign snapshot");
    await desk.repo("build", VARIANT, ...next, "--key", desk.path("sign2.pem"));
    expect(desk.list("next", ...META).slice(0, 1)).toEqual(["1.root.json"]);

    using old = serve(desk.path("out"));
    using server = serve(desk.path("next"));
    const client = clientOf(desk, "old-host", desk.path("first.json"), server.url);
    await client.refresh();
    expect(desk.json("old-host", "root.json").signed.version).toBe(3);
    const name = `pinwheel-${VARIANT}-x86_64-1.1.0-0123abcd-root.ext4.lz4`;
    const info = await client.getTargetInfo(name);
    if (info === undefined) throw new Error(`${name} is no target`);
    const fetched = await client.downloadTarget(info, desk.path("fetched"));
    expect(readFileSync(fetched)).toEqual(readFileSync(join(desk.images, name)));
    expect(server.asked.filter((path) => path.includes("root.json"))).toEqual(
      [2, 3, 4].map((version) => `/${META.join("/")}/${version}.root.json`),
    );
    // What trusts the newest root role alone does not take what the old key signed.
    const newest = clientOf(desk, "new-host", desk.path("root.json"), old.url);
    await expect(newest.refresh()).rejects.toThrow("timestamp was signed by 0/1 keys");
  });

  test("finds nothing to object to in what validate calls in order, over HTTP and from disk", async () => {
    using desk = await published("migrate_v1.0.0_a.lz4");
    using server = serve(desk.path("out"));
    for (const base of [server.url, desk.path("out")]) {
      expect(await desk.repo("validate", VARIANT, "--from", base)).toMatch(
        /^(http|file):.*\/metal-dev\/x86_64\/ is in order\n$/,
      );
    }
    const targets = server.asked.filter((path) => path.startsWith("/targets/"));
    expect(new Set(targets).size).toBe(5); // three parts, a migration, the manifest
    desk.write(
      "Infra.toml",
      `[repo.default]\nmetadata_base_url = "${server.url}"\ntargets_url = "${server.url}/targets/"\n`,
    );
    expect(await desk.repo("validate", VARIANT)).toContain(server.url);
  });
});
