/** Repositories that want to harm a host: each is refused with what is wrong and where. */
import { describe, expect, it } from "bun:test";
import { metadataText } from "../../../publish/sign.ts";
import { dripping, endless, newKey, readAll, refusal, sha256, TestRepository } from "./testing.ts";

const MANIFEST = { "manifest.json": "{}" };

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
