/** The repository as a host sees it, over real HTTP, with real keys: what is taken, and what is refused and why. */
import { describe, expect, it } from "bun:test";
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { metadataText } from "../../../publish/sign.ts";
import { Failure } from "../../linux/failure.ts";
import { cachePlaces, openCachedRepository, openRepository, stageCopy, trustedRootFile } from "./index.ts";
import { newKey, sha256, TestRepository } from "./testing.ts";

const MANIFEST = { "manifest.json": "{}" };

/** What an attempt is refused with: `code: sentence`. */
async function refusal(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (thrown) {
    if (thrown instanceof Failure) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
  throw new Error("nothing was refused");
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(stream)).toString();
}

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

describe("a hostile repository is refused with the role, its URL and the reason:", () => {
  it("rollback of the timestamp between two runs", async () => {
    using there = new TestRepository();
    const host = there.host();
    there.publish(MANIFEST, 200);
    await there.open(host);
    there.publish(MANIFEST, 199);
    expect(await refusal(there.open(host))).toBe(
      `repository/rollback: The timestamp role at ${there.metadataUrl}timestamp.json is a rollback: ` +
        "New timestamp version 199 is less than current version 200",
    );
    // A host that has never been there cannot know.
    await there.open(there.host());
  });

  it("rollback, also when the newer one was seen in a run that failed", async () => {
    using there = new TestRepository();
    const host = there.host();
    there.publish(MANIFEST, 200);
    there.files.delete("metadata/200.targets.json");
    expect(await refusal(there.open(host))).toBe(
      `repository/not-found: There is nothing at ${there.metadataUrl}200.targets.json`,
    );
    there.publish(MANIFEST, 199);
    expect(await refusal(there.open(host))).toStartWith("repository/rollback: The timestamp role");
  });

  it("rollback of the snapshot under a newer timestamp, and of the targets under a newer snapshot", async () => {
    using there = new TestRepository();
    const host = there.host();
    there.publish(MANIFEST, 100);
    const old = String(there.files.get("metadata/timestamp.json"));
    there.publish(MANIFEST, 200);
    await there.open(host);
    there.files.set("metadata/timestamp.json", old);
    there.resign("timestamp.json", (signed) => {
      signed.version = 300;
    });
    expect(await refusal(there.open(host))).toBe(
      `repository/rollback: The timestamp role at ${there.metadataUrl}timestamp.json is a rollback: ` +
        "New snapshot version 100 is less than current version 200",
    );
    there.publish(MANIFEST, 301);
    const snapshot = { version: 400 };
    there.resign(
      "301.snapshot.json",
      (signed) => {
        signed.version = snapshot.version;
        signed.meta["targets.json"] = { version: 100 };
      },
      "400.snapshot.json",
    );
    there.resign("timestamp.json", (signed) => {
      signed.version = 400;
      signed.meta["snapshot.json"] = snapshot;
    });
    expect(await refusal(there.open(host))).toBe(
      `repository/rollback: The snapshot role at ${there.metadataUrl}400.snapshot.json is a rollback: ` +
        "New version 100 of targets.json is less than current version 200",
    );
  });

  it("a snapshot that does not name the targets role any more", async () => {
    using there = new TestRepository();
    there.publish(MANIFEST, 100);
    there.resign("100.snapshot.json", (signed) => {
      delete signed.meta["targets.json"];
    });
    there.resign("timestamp.json", (signed) => {
      signed.meta["snapshot.json"] = { version: 100 };
    });
    there.files.set("metadata/targets.json", "{}");
    expect(await refusal(there.open(there.host()))).toStartWith("repository/");
  });

  it("freeze: what has expired", async () => {
    using there = new TestRepository();
    there.publish(MANIFEST, 100, -1n);
    expect(await refusal(there.open(there.host()))).toMatch(
      new RegExp(
        `^repository/expired: The timestamp role at ${there.metadataUrl}timestamp.json has expired at [-0-9]+T[:0-9]+Z, and it is [-0-9]+T[:0-9]+Z now$`,
      ),
    );
  });

  it("freeze: the same metadata as before, expired meanwhile", async () => {
    using there = new TestRepository();
    const host = there.host();
    there.publish(MANIFEST, 100, -1n);
    await refusal(there.open(host));
    expect(await refusal(there.open(host))).toStartWith("repository/expired: The timestamp role");
  });

  it("an expired snapshot or targets role under a fresh timestamp", async () => {
    for (const role of ["snapshot", "targets"] as const) {
      using there = new TestRepository();
      there.publish(MANIFEST, 100);
      there.publishWith(MANIFEST, 101, { [role]: -1n });
      expect(await refusal(there.open(there.host()))).toStartWith(
        `repository/expired: The ${role} role at ${there.metadataUrl}101.${role}.json has expired at `,
      );
    }
  });

  it("an expired root role", async () => {
    using there = new TestRepository();
    there.signRoot((root) => root.replace(/"expires":"[^"]*"/, '"expires":"2020-01-01T00:00:00Z"'));
    there.publish(MANIFEST, 100);
    expect(await refusal(there.open(there.host()))).toStartWith(
      `repository/expired: The root role at ${there.metadataUrl}1.root.json has expired at 2020-01-01T00:00:00Z`,
    );
  });

  it("mix and match: a snapshot of another state", async () => {
    using there = new TestRepository();
    there.publish(MANIFEST, 100);
    const old = String(there.files.get("metadata/100.snapshot.json"));
    there.publish({ ...MANIFEST, more: "x" }, 200);
    there.files.set("metadata/200.snapshot.json", old);
    expect(await refusal(there.open(there.host()))).toMatch(
      /^repository\/mixed: The snapshot role at \S+200.snapshot.json is not the one that was announced: Expected (hash|length)/,
    );
  });

  it("mix and match: targets of another state", async () => {
    using there = new TestRepository();
    there.publish(MANIFEST, 100);
    const old = String(there.files.get("metadata/100.targets.json"));
    there.publish(MANIFEST, 200);
    there.files.set("metadata/200.targets.json", old);
    expect(await refusal(there.open(there.host()))).toStartWith(
      `repository/mixed: The targets role at ${there.metadataUrl}200.targets.json is not the one that was announced: Expected hash`,
    );
  });

  it("too few signatures: another key's, or a threshold that is not reached", async () => {
    using there = new TestRepository();
    const host = there.host();
    there.key = newKey();
    there.publish(MANIFEST, 100);
    expect(await refusal(there.open(host))).toBe(
      `repository/unsigned: The timestamp role at ${there.metadataUrl}timestamp.json is not signed as it has to be: ` +
        "timestamp was signed by 0/1 keys",
    );
    using strict = new TestRepository();
    strict.root.signed.addKey(newKey().public, "timestamp");
    strict.signRoot((root) =>
      root.replaceAll('"threshold":1', '"threshold":2').replace('"threshold":2', '"threshold":1'),
    );
    strict.publish(MANIFEST, 100);
    expect(await refusal(strict.open(strict.host()))).toEndWith("timestamp was signed by 1/2 keys");
    // The same signature twice is one.
    strict.edit("timestamp.json", (text) => {
      const { signed, signatures } = JSON.parse(text);
      return JSON.stringify({ signed, signatures: [...signatures, ...signatures] });
    });
    expect(await refusal(strict.open(strict.host()))).toStartWith(
      `repository/malformed: The timestamp role at ${strict.metadataUrl}timestamp.json cannot be read: multiple signatures`,
    );
  });

  it("a root role that the one before does not agree to, or with another version inside", async () => {
    using there = new TestRepository();
    const host = there.host();
    there.publish(MANIFEST, 100);
    using foreign = new TestRepository();
    foreign.rotate(foreign.key);
    there.files.set("metadata/2.root.json", metadataText(foreign.root));
    expect(await refusal(there.open(host))).toBe(
      `repository/unsigned: The root role at ${there.metadataUrl}2.root.json is not signed as it has to be: ` +
        "root was signed by 0/1 keys",
    );
    there.files.set("metadata/2.root.json", metadataText(there.root));
    expect(await refusal(there.open(host))).toBe(
      `repository/mixed: The root role at ${there.metadataUrl}2.root.json is not the one that was announced: ` +
        "Expected version 2, got 1",
    );
  });

  it("a next root role that is kept back: only that there is none ends the search", async () => {
    using there = new TestRepository();
    there.publish(MANIFEST, 100);
    there.answers.set("metadata/2.root.json", () => new Response("busy", { status: 503 }));
    expect(await refusal(there.open(there.host()))).toBe(
      `repository/not-fetched: ${there.metadataUrl}2.root.json cannot be fetched: the server answers 503`,
    );
    expect(there.requests.length).toBe(4); // tried again three times
  });

  it("a role that was changed, or is no role at all", async () => {
    using there = new TestRepository();
    there.publish(MANIFEST, 100);
    there.edit("timestamp.json", (text) => text.replace('"version": 100', '"version": 999'));
    expect(await refusal(there.open(there.host()))).toStartWith("repository/unsigned: The timestamp role");
    for (const text of ["", "[]", "null", '{"signed":{},"signatures":[]}', "<html>"]) {
      there.files.set("metadata/timestamp.json", text);
      expect(await refusal(there.open(there.host()))).toStartWith(
        `repository/malformed: The timestamp role at ${there.metadataUrl}timestamp.json cannot be read: `,
      );
    }
  });

  it("endless metadata", async () => {
    using there = new TestRepository();
    there.publish(MANIFEST, 100);
    there.answers.set("metadata/timestamp.json", endless);
    expect(await refusal(there.open(there.host()))).toBe(
      `repository/too-long: ${there.metadataUrl}timestamp.json is too long: more than the 1048576 bytes that it may have`,
    );
    there.answers.clear();
    there.answers.set("metadata/100.snapshot.json", endless);
    const length = String(there.files.get("metadata/100.snapshot.json")).length;
    expect(await refusal(there.open(there.host()))).toEndWith(
      `more than the ${length} bytes that it may have`,
    );
  });
});

describe("a hostile target is refused with its name, its URL and the reason:", () => {
  /** @returns what was said of it, with URL in the place of its own */
  async function refused(answer: () => Response, patience = {}): Promise<string> {
    using there = new TestRepository();
    there.publish({ image: "content" }, 100);
    const { targets } = await there.open(there.host(), patience);
    const file = `${sha256("content")}.image`;
    there.answers.set(`targets/${file}`, answer);
    const said = await refusal(readAll(targets.stream("image")));
    return said.replace(there.targetsUrl + file, "URL");
  }

  it("a wrong hash", async () => {
    expect(await refused(() => new Response("Content"))).toBe(
      "repository/bad-target: The target image at URL is not what was signed: " +
        `its SHA-256 is ${sha256("Content")}, signed is ${sha256("content")}`,
    );
  });

  it("a wrong length: cut short, and too long", async () => {
    expect(await refused(() => new Response("conten"))).toBe(
      "repository/bad-target: The target image at URL is not what was signed: it has 6 bytes, signed are 7",
    );
    expect(await refused(() => new Response("content and more"))).toBe(
      "repository/too-long: URL is too long: more than the 7 bytes that it may have",
    );
  });

  it("endless data", async () => {
    expect(await refused(endless)).toEndWith("URL is too long: more than the 7 bytes that it may have");
  });

  it("a server that says nothing, and one that only drips", async () => {
    expect(await refused(() => dripping(3600_000), { silentMs: 50 })).toBe(
      "repository/not-fetched: URL cannot be fetched: the server said nothing for 0.05 s",
    );
    expect(await refused(() => dripping(10), { windowMs: 30, bytesPerWindow: 1000 })).toMatch(
      /^repository\/too-slow: URL comes too slowly: [0-9]+ bytes in [0-9.]+ s, at least 1000 should come$/,
    );
    expect(await refused(() => dripping(10), { totalMs: 25 })).toBe(
      "repository/too-slow: URL comes too slowly: it is not complete after 0.025 s",
    );
  });

  it("a name that is none of a file, wherever it would lead", async () => {
    using there = new TestRepository();
    const names = [
      "../../etc/passwd",
      "..",
      ".",
      "",
      "a/b",
      "/etc/shadow",
      "a\\b",
      "a\u0000b",
      "a\nb",
      ".tmp",
    ];
    there.publish(Object.fromEntries(names.map((name) => [name, "x"])), 100);
    const { targets } = await there.open(there.host());
    for (const name of names) {
      expect(targets.has(name)).toBe(false);
      expect(await refusal(targets.read(name))).toBe(
        `repository/bad-target-name: The target name ${JSON.stringify(name)} is not the name of a file`,
      );
    }
    expect(await refusal(targets.read("unlisted"))).toBe(
      'repository/no-target: The repository has no target "unlisted"',
    );
  });

  it("more than may be read into memory at once", async () => {
    using there = new TestRepository();
    there.publish({ big: new Uint8Array(64 * 1024 * 1024 + 1) }, 100);
    const { targets } = await there.open(there.host());
    expect(await refusal(targets.read("big"))).toBe(
      "repository/target-too-big: The target big has 67108865 bytes, but may have no more than 67108864",
    );
  });
});

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

describe("a download that breaks off", () => {
  const content = "0123456789".repeat(1000);

  /** A server that says no more after so many bytes of its answer until it is cut, and what was asked of it. */
  function breaking(bytes: number, header: string) {
    const ranges: (string | undefined)[] = [];
    let cut: () => void = () => undefined;
    const server = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        data(socket, request) {
          const range = /^range: (.*)\r$/im.exec(request.toString())?.[1];
          ranges.push(range);
          const from = Number(/\d+/.exec(range ?? "0")?.[0]);
          const rest = content.length - from;
          const head = [
            range === undefined ? "HTTP/1.1 200 OK" : "HTTP/1.1 206 Partial Content",
            `Content-Range: bytes ${from}-${content.length - 1}/${content.length}`,
            `Content-Length: ${rest}`,
            header,
          ];
          socket.write(`${head.join("\r\n")}\r\n\r\n${content.slice(from, from + bytes)}`);
          cut = () => void socket.end();
          if (bytes === 0) cut();
        },
      },
    });
    const url = `http://127.0.0.1:${server.port}/`;
    return { url, ranges, cut: () => cut(), [Symbol.dispose]: () => server.stop(true) };
  }

  /** Reads all, and cuts the connection whenever there is nothing more to come over it. */
  async function readCutting(server: ReturnType<typeof breaking>, stream: AsyncIterable<Uint8Array>) {
    let text = "";
    for await (const chunk of stream) {
      text += Buffer.from(chunk).toString();
      if (text.length % 4000 === 0) server.cut();
    }
    return text;
  }

  async function openTargets(there: TestRepository, targetsUrl: string) {
    there.publish({ image: content }, 100);
    const place = { metadataUrl: there.metadataUrl, targetsUrl };
    return (await openRepository(there.host(), place, {})).targets;
  }

  it("goes on where it was, when the server can do that", async () => {
    using there = new TestRepository();
    using server = breaking(4000, "Accept-Ranges: bytes");
    const targets = await openTargets(there, server.url);
    expect(await readCutting(server, targets.stream("image"))).toBe(content);
    expect(server.ranges).toEqual([undefined, "bytes=4000-", "bytes=8000-"]);
  });

  it("fails when it cannot", async () => {
    using there = new TestRepository();
    using server = breaking(4000, "Server: simple");
    const targets = await openTargets(there, server.url);
    expect(await refusal(readCutting(server, targets.stream("image")))).toBe(
      `repository/not-fetched: ${server.url}${sha256(content)}.image cannot be fetched: ` +
        "ECONNRESET: The socket connection was closed unexpectedly",
    );
    expect(server.ranges).toEqual([undefined]);
  });

  it("fails when nothing more comes, however often it is tried", async () => {
    using there = new TestRepository();
    using server = breaking(0, "Accept-Ranges: bytes");
    const targets = await openTargets(there, server.url);
    expect(await refusal(readAll(targets.stream("image")))).toStartWith("repository/not-fetched: ");
    expect(server.ranges.length).toBe(4);
  });
});

function endless(): Response {
  const block = new Uint8Array(64 * 1024).fill(32);
  return new Response(new ReadableStream({ pull: (out) => out.enqueue(block) }));
}

/** One byte, then one more each time so much time has passed. */
function dripping(everyMs: number): Response {
  const drop = new TextEncoder().encode("c");
  return new Response(
    new ReadableStream({
      start: (out) => out.enqueue(drop),
      pull: async (out) => {
        await Bun.sleep(everyMs);
        out.enqueue(drop);
      },
    }),
  );
}
