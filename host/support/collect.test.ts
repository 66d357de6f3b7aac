import { afterAll, beforeEach, describe, expect, it } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { type Json, withoutSecrets } from "../settings/index.ts";
import { testModel } from "../settings/testing.ts";
import { collectLogs } from "./collect.ts";
import { knownSecrets } from "./known-secrets.ts";

const model = testModel();
const base = await mkdtemp(join(tmpdir(), "pinwheel-collect-"));
afterAll(() => rm(base, { recursive: true }));

const root = join(base, "root");
const output = join(base, "out/logs.tar.gz");
beforeEach(async () => {
  for (const path of [root, dirname(output)]) await rm(path, { recursive: true, force: true });
  await mkdir(root);
});

async function put(path: string, text: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

type Document = { readonly [name: string]: Json };

async function collect(requests: readonly string[], document: Document = {}): Promise<readonly string[]> {
  const told: string[] = [];
  const settings = async () => JSON.stringify(withoutSecrets(model.declaration, document), undefined, 2);
  const secrets = knownSecrets(model, [document]);
  const tell = (line: string) => void told.push(line);
  await collectLogs({ root, requests, secrets, problems: [], settings, tell, now: 0 }, output);
  return told;
}

/** The unpacked archive: texts by path below its directory. */
async function unpacked(): Promise<Record<string, string>> {
  const into = await mkdtemp(join(base, "unpacked-"));
  expect(await Bun.spawn(["tar", "-xzf", output, "-C", into]).exited).toBe(0);
  expect(await readdir(into)).toEqual(["bottlerocket-logs"]);
  const entries = await readdir(into, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const top = join(into, "bottlerocket-logs/").length;
  return Object.fromEntries(
    await Promise.all(files.map(async (path) => [path.slice(top), await readFile(path, "utf8")])),
  );
}

describe("requests", () => {
  it("containers Check 31: one that fails is quoted in one line of logdog.errors, the others are made", async () => {
    await put("etc/motd", "hello");
    const requests = ["file absent /no/such", "file motd /etc/motd", "ftp a b"];
    expect(await collect(requests)).toEqual(requests);
    expect(await unpacked()).toEqual({
      motd: "hello",
      "logdog.errors": `Error running command 'file absent /no/such': 'there is no file ${join(root, "no/such")}'
Error running command 'ftp a b': 'the mode is "ftp"; accepted: exec, file, http, https, glob, settings'
`,
    });
  });

  it("a program's exit code is no error, and both of its streams are kept", async () => {
    await collect(["exec both sh -c 'echo out; echo err >&2; exit 3'"]);
    const { both = "", ...others } = await unpacked();
    expect(both.split("\n").toSorted()).toEqual(["", "err", "out"]);
    expect(others).toEqual({ "logdog.errors": "" });
  });

  it("a program that is not there has an empty file, and the errors say so", async () => {
    await collect(["exec x no-such-program --all"]);
    expect(await unpacked()).toEqual({
      x: "",
      "logdog.errors":
        "Error running command 'exec x no-such-program --all': 'the program no-such-program is not in this image'\n",
    });
  });

  it("containers Check 33: globs keep paths, walk directories, take hidden files, and may match nothing", async () => {
    for (const path of ["var/log/a/x.log", "var/log/a/b/y.log", "var/log/.z", "var/other"])
      await put(path, path);
    await collect(["glob /var/log/*", "glob /var/nothing/*", "glob /**/other"]);
    expect(await unpacked()).toEqual({
      "var/log/a/x.log": "var/log/a/x.log",
      "var/log/a/b/y.log": "var/log/a/b/y.log",
      "var/log/.z": "var/log/.z",
      "var/other": "var/other",
      "logdog.errors": "",
    });
  });

  it("an answer from 400 up is an error without a file", async () => {
    const server = Bun.serve({
      port: 0,
      fetch: ({ url }) => new Response("tasks", { status: url.endsWith("/bad") ? 404 : 200 }),
    });
    try {
      await collect([`http good ${server.url}good`, `http bad ${server.url}bad`]);
    } finally {
      await server.stop(true);
    }
    expect(await unpacked()).toEqual({
      good: "tasks",
      "logdog.errors": `Error running command 'http bad ${server.url}bad': '${server.url}bad answered with status 404'\n`,
    });
  });

  it("a pipe is an error, and nobody waits for it", async () => {
    expect(await Bun.spawn(["mkfifo", join(root, "pipe")]).exited).toBe(0);
    await collect(["file pipe /pipe"]);
    expect((await unpacked())["logdog.errors"]).toBe(
      `Error running command 'file pipe /pipe': '${join(root, "pipe")} is not a file'\n`,
    );
  });
});

describe("the archive", () => {
  it("of a log of 400 MB takes little memory and no second copy on the disk", async () => {
    const line = "Nov 26 20:00:00 host unit[1]: the same as before, over and over again";
    await collect(["exec warm true"]);
    Bun.gc(true);
    const before = process.memoryUsage.rss();
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss());
    }, 50);
    await collect([`exec journal sh -c "yes '${line}' | head -c 400000000"`]);
    clearInterval(watch);
    expect((most - before) / 1e6).toBeLessThan(240);
    expect((await stat(output)).size).toBeLessThan(5_000_000);
    const unzipped = Bun.spawn(["tar", "-xzOf", output, "bottlerocket-logs/journal"], { stdout: "pipe" });
    let bytes = 0;
    for await (const chunk of unzipped.stdout) bytes += chunk.length;
    expect(bytes).toBe(400_000_000);
  }, 120_000);
});

/** A document with a secret in every place that the model has for one. */
function secretDocument(texts: readonly string[]) {
  const [a = "", b = "", c = "", d = "", e = ""] = texts;
  const encoded = (text: string) => Buffer.from(text).toString("base64");
  const secrets = { plain: [a, b, encoded(c), d, encoded(e)], inside: [c, e] };
  const document: Document = {
    motd: "hello",
    network: { "https-proxy": `http://user:${encodeURIComponent(a)}@proxy.test:3128`, hostname: "node-7" },
    "container-registry": {
      credentials: [{ registry: "registry.test", username: "someone", password: b, auth: encoded(c) }],
    },
    aws: {
      credentials: encoded(`[default]\naws_secret_access_key = ${e}\n`),
      config: encoded(e),
      region: "x",
    },
    kubernetes: {
      "bootstrap-token": d,
      "server-key": encoded(c),
      "static-pods": { web: { enabled: true, manifest: encoded(e) } },
    },
    "host-containers": {
      admin: { "user-data": encoded(c), enabled: true, source: "registry.test/admin:v1" },
    },
  };
  return { document, secrets: [...secrets.plain, ...secrets.inside] };
}

describe("secrets", () => {
  it("containers Check 32: of the settings, those are absent that are secret, and the rest is there", async () => {
    const { document } = secretDocument(["aaaa1", "bbbb2", "cccc3", "dddd4", "eeee5"]);
    await collect(["settings settings.json"], document);
    expect(JSON.parse((await unpacked())["settings.json"] ?? "")).toEqual({
      motd: "hello",
      network: { hostname: "node-7" },
      aws: { region: "x" },
      kubernetes: { "static-pods": { web: { enabled: true } } },
      "host-containers": { admin: { enabled: true, source: "registry.test/admin:v1" } },
    });
  });

  it("property: no secret of a document is anywhere in the archive, however it is quoted in what is collected", async () => {
    // Nothing that stands in an archive by itself, such as a name of the document.
    const text = fc
      .string({ unit: "grapheme-ascii", minLength: 3, maxLength: 30 })
      .map((end) => `~Q${end}`.trim());
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 5, maxLength: 5 }), async (texts) => {
        const { document, secrets } = secretDocument(texts.map((each) => each.padEnd(6, "z")));
        const [password = ""] = secrets;
        await put(
          "etc/containerd/config.toml",
          `password = ${JSON.stringify(secrets[1])}\nxx ${password} yy\n`,
        );
        await put(
          "etc/docker.json",
          JSON.stringify({ settings: document, said: JSON.stringify(document) }, null, 1),
        );
        await put(
          "var/log/journal",
          secrets.map((each) => `apiserver: got ${each}, ${each}${each}\n`).join(""),
        );
        await put("var/log/dump", Buffer.from(`\0\0${secrets.join("\0")}`));
        const commands = ["exec said cat", join(root, "etc/docker.json"), join(root, "var/log/journal")];
        await collect(
          [
            "glob /etc/**",
            "glob /var/log",
            "file again /var/log/journal",
            commands.join(" "),
            "settings s.json",
          ],
          document,
        );
        const archive = gunzipSync(await readFile(output));
        const found = secrets.filter((each) => archive.includes(each));
        expect(found).toEqual([]);
        expect(archive.includes("apiserver: got (secret)")).toBe(true);
        expect(archive.includes("registry.test/admin:v1")).toBe(true);
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});
