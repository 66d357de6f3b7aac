/**
 * Registries that fail: host-ctr goes on when it can, and says which image, which endpoint and which answer when it
 * cannot. All of it happens at once, as most of it is waiting; the tests look at what came of it.
 */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { untilTrue } from "./support/host.ts";
import { hostOfThisFile, sourceOf } from "./support/host-with-registry.ts";
import { makeImage, type TestImage } from "./support/image.ts";
import { type Fault, type RegistryRequest, refuse, TestRegistry } from "./support/registry.ts";

const here = hostOfThisFile();
/** Listens where the registry of some images will be later. */
let later: TestRegistry;

interface Outcome {
  readonly exitCode: number | null;
  readonly seconds: number;
  readonly stdout: string;
  readonly stderr: string;
}

const outcomes = new Map<string, Promise<Outcome>>();
// Of each image its own: what is there from another image is not fetched.
const ballastBytes = 6 * 1024 * 1024;
const bigImage = () => makeImage(here.host.tools, { script: "true", ballast: randomBytes(ballastBytes) });

const outcomeOf = (name: string): Promise<Outcome> =>
  outcomes.get(name) ?? Promise.reject(new Error(`no ${name}`));

/** What is to be pulled: begun when all images are made, as the registry answers nobody while one is made. */
const pulls: (() => void)[] = [];

/** Has an image pulled whose repository has this fault. */
function pull(name: string, fault?: Fault, image?: TestImage, source = sourceOf(name)): void {
  here.registry.put(name, image ?? bigImage(), fault);
  const config = "--registry-config=/etc/host-containers/host-ctr.toml";
  // One that hangs is a failure of its own, not of all.
  const words = ["timeout", "100", "host-ctr", "pull-image", `--source=${source}`, config];
  pulls.push(() => outcomes.set(name, here.host.run(words)));
}

/** The requests for the layer that is big, which is the second of two. */
const isBig = ({ kind }: RegistryRequest, bytes: Uint8Array) =>
  kind === "blobs" && bytes.length > ballastBytes;

const always =
  (status: number, code: string): Fault =>
  (_request, response) => {
    refuse(response, status, code, "as the test wants it");
    return true;
  };

beforeAll(async () => {
  // Freed again, for a registry that is not there yet.
  const reserved = await TestRegistry.start();
  const { address } = reserved;
  await reserved.stop();
  const credentials = `[creds."${here.registry.address}"]\nusername = "sam"\npassword = 'p"w'\n`;
  const notYet = `[mirrors."later.test"]\nendpoints = ["http://${address}"]\n`;
  const twoMirrors = `[mirrors."two.test"]\nendpoints = ["http://${here.registry.address}/v2/bad", "http://${here.registry.address}"]\n`;
  await here.host.useRegistry(here.registry.address, credentials + notYet + twoMirrors);

  pull("missing", always(404, "MANIFEST_UNKNOWN"));
  pull("forbidden", always(401, "UNAUTHORIZED"));
  pull("broken-once", (request, response, bytes) => {
    if (request.before > 0) return false;
    return always(503, "UNAVAILABLE")(request, response, bytes);
  });
  pull("slow", (request, response, bytes) => {
    if (!isBig(request, bytes)) return false;
    response.writeHead(200, { "Content-Length": bytes.length });
    const step = Math.ceil(bytes.length / 30);
    const send = (from: number) => {
      if (from >= bytes.length) return void response.end();
      response.write(bytes.subarray(from, from + step));
      setTimeout(() => send(from + step), 100);
    };
    send(0);
    return true;
  });
  pull("silent", (request, response, bytes) => {
    if (!isBig(request, bytes) || request.range !== undefined) return false;
    response.writeHead(200, { "Content-Length": bytes.length });
    response.write(bytes.subarray(0, 3 * 1024 * 1024));
    return true;
  });
  pull("cut", (request, response, bytes) => {
    if (!isBig(request, bytes) || request.range !== undefined) return false;
    response.writeHead(200, { "Content-Length": bytes.length });
    response.write(bytes.subarray(0, 3 * 1024 * 1024), () => setTimeout(() => response.destroy(), 200));
    return true;
  });
  pull("wrong-layer-once", (request, response, bytes) => {
    if (
      !isBig(request, bytes) ||
      here.registry.of("wrong-layer-once", "blobs").filter((each) => each.which === request.which).length > 1
    ) {
      return false;
    }
    const wrong = Buffer.from(bytes);
    wrong[100] = (wrong[100] ?? 0) ^ 1;
    response.writeHead(200, { "Content-Length": wrong.length });
    response.end(wrong);
    return true;
  });
  pull("too-long-once", (request, response, bytes) => {
    if (!isBig(request, bytes) || here.registry.of("too-long-once", "blobs").some(({ range }) => range))
      return false;
    response.writeHead(200, { "Content-Length": bytes.length + 1 });
    response.end(Buffer.concat([bytes, Buffer.alloc(1)]));
    return true;
  });
  const other = makeImage(here.host.tools, { script: "false" });
  const absent = `sha256:${"0".repeat(64)}`;
  pull(
    "wrong-manifest",
    (request, response) => {
      if (request.kind !== "manifests") return false;
      response.writeHead(200, { "Content-Type": "application/vnd.oci.image.manifest.v1+json" });
      response.end(other.manifest);
      return true;
    },
    { ...other, blobs: new Map([...other.blobs, [absent, other.manifest]]) },
    `registry.test/wrong-manifest@${absent}`,
  );
  pull("basic", (request, response) => {
    if (request.authorization === `Basic ${Buffer.from('sam:p"w').toString("base64")}`) return false;
    response.setHeader("WWW-Authenticate", 'Basic realm="test"');
    refuse(response, 401, "UNAUTHORIZED", "who are you?");
    return true;
  });
  pull("two", undefined, undefined, "two.test/two:1");
  const lateImage = bigImage();
  for (const begin of pulls) begin();
  const config = "--registry-config=/etc/host-containers/host-ctr.toml";
  const waiting = here.host.start([
    "timeout",
    "100",
    "host-ctr",
    "pull-image",
    "--source=later.test/later:1",
    config,
  ]);
  outcomes.set(
    "later",
    waiting.ended.then((ended) => ({ ...ended, stdout: waiting.stdout(), stderr: waiting.stderr() })),
  );
  await untilTrue("the pull has failed once", async () => waiting.stdout().includes("trying again"));
  later = await TestRegistry.start(Number(address.split(":")[1]));
  later.put("later", lateImage);
  await Promise.all(outcomes.values());
}, 600_000);

afterAll(() => later?.stop());

describe("containers Check 18: an image that is not there (404)", () => {
  it("is asked for 6 times, and then the exit code is 1", async () => {
    const { exitCode } = await outcomeOf("missing");
    expect(exitCode).toBe(1);
    expect(here.registry.of("missing")).toHaveLength(6);
  });
  it("waits 3 to 7, 4 to 8, 6 to 10, 10 to 14 and 18 to 22 s between them", () => {
    const times = here.registry.of("missing").map(({ atMs }) => atMs);
    const waits = times.slice(1).map((atMs, index) => (atMs - (times[index] ?? 0)) / 1000);
    // How long the attempts themselves take on a busy machine comes on top.
    for (const [index, base] of [3, 4, 6, 10, 18].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(base);
      expect(waits[index]).toBeLessThan(base + 6);
    }
  });
  it("says which image, which endpoint and which answer, and what the registry itself was asked", async () => {
    const { stderr } = await outcomeOf("missing");
    expect(stderr).toContain("Image registry.test/missing:1 was not pulled in 6 attempts: ");
    expect(stderr).toContain(
      `GET http://${here.registry.address}/v2/missing/manifests/1: status 404 Not Found (MANIFEST_UNKNOWN: as the test wants it)`,
    );
    expect(stderr).toContain("GET https://registry.test/v2/missing/manifests/1: ");
  });
});

it("401: the message says so, with the endpoint, and not the password", async () => {
  const { exitCode, stdout, stderr } = await outcomeOf("forbidden");
  expect(exitCode).toBe(1);
  expect(stderr).toContain(
    "/v2/forbidden/manifests/1: status 401 Unauthorized (UNAUTHORIZED: as the test wants it)",
  );
  expect(stdout + stderr).not.toContain('p"w');
});

it("a password is told to the endpoint that it is for, once it asks", async () => {
  expect((await outcomeOf("basic")).exitCode).toBe(0);
});

it("5xx: the next attempt gets the image", async () => {
  const { exitCode, stdout } = await outcomeOf("broken-once");
  expect(exitCode).toBe(0);
  expect(stdout).toContain("status 503 Service Unavailable");
  expect(stdout).toMatch(/trying again in [3-6]\.\d s/);
});

it("a slow registry is waited for, without a second attempt", async () => {
  const { exitCode, stdout, seconds } = await outcomeOf("slow");
  expect([exitCode, stdout.includes("trying again")]).toEqual([0, false]);
  expect(seconds).toBeGreaterThan(3);
});

describe("cut in the middle of a layer", () => {
  it("it goes on from where it was, in the same attempt", async () => {
    const { exitCode, stdout } = await outcomeOf("cut");
    expect([exitCode, stdout.includes("trying again")]).toEqual([0, false]);
    const ranges = here.registry.of("cut", "blobs").flatMap(({ range }) => range ?? []);
    expect(ranges).toHaveLength(1);
    expect(Number(/^bytes=(\d+)-$/.exec(ranges[0] ?? "")?.[1])).toBeGreaterThan(1024 * 1024);
  });
  it("a registry that falls silent is given 20 s, and then it goes on from where it was", async () => {
    const { exitCode, seconds } = await outcomeOf("silent");
    expect(exitCode).toBe(0);
    expect(seconds).toBeGreaterThan(20);
    expect(here.registry.of("silent", "blobs").filter(({ range }) => range !== undefined)).toHaveLength(1);
  });
});

describe("wrong digest", () => {
  it("of a layer: it is told, thrown away, and fetched again from its beginning", async () => {
    const { exitCode, stdout } = await outcomeOf("wrong-layer-once");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("is something else: its digest is wrong");
    expect(here.registry.of("wrong-layer-once", "blobs").flatMap(({ range }) => range ?? [])).toEqual([]);
  });
  it("of a layer that is too long: what was right of it is kept, and the rest comes in the next attempt", async () => {
    const { exitCode, stdout } = await outcomeOf("too-long-once");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /sha256:[0-9a-f]{64} does not end after the \d+ bytes that it should have; .*trying again/,
    );
  });
  it("of a manifest: nothing of it is used", async () => {
    const { exitCode, stderr } = await outcomeOf("wrong-manifest");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`the manifest sha256:${"0".repeat(64)} has another digest, sha256:`);
    expect(await here.host.ctr("images", "ls", "-q")).not.toContain(
      `registry.test/wrong-manifest@sha256:${"0".repeat(64)}`,
    );
  });
});

it("a registry that is not there yet is asked again, and there later", async () => {
  const { exitCode, stdout } = await outcomeOf("later");
  expect(exitCode).toBe(0);
  expect(stdout).toContain("http://");
  expect(stdout).toContain("trying again in");
});

it("the second mirror has what the first does not", async () => {
  const { exitCode, stdout } = await outcomeOf("two");
  expect([exitCode, stdout.includes("trying again")]).toEqual([0, false]);
});

it("no registry at all: a container whose image is there from earlier starts at once, and says so", async () => {
  const first = await here.runContainer("cached", "exit 9");
  expect((await first.ended).exitCode).toBe(9);
  here.put("cached", "exit 8", always(502, "BAD_GATEWAY"));
  const second = await here.host.runContainer("cached", sourceOf("cached"));
  const { exitCode, seconds } = await second.ended;
  expect(exitCode).toBe(9);
  expect(second.stdout()).toContain("running registry.test/cached:1 as it was pulled earlier");
  expect(seconds).toBeLessThan(15);
});

it("a tag that still names what is there: its manifest is asked for, and nothing else", async () => {
  here.put("same", "exit 5");
  const run = async () => (await (await here.host.runContainer("same", sourceOf("same"))).ended).exitCode;
  expect(await run()).toBe(5);
  const before = here.registry.of("same").length;
  expect(await run()).toBe(5);
  expect(
    here.registry
      .of("same")
      .slice(before)
      .map(({ kind, which }) => [kind, which]),
  ).toEqual([["manifests", "1"]]);
});

it("a tag that names another image by now is pulled again", async () => {
  const run = async () => (await (await here.host.runContainer("moved", sourceOf("moved"))).ended).exitCode;
  for (const exitCode of [5, 4]) {
    here.put("moved", `exit ${exitCode}`);
    expect(await run()).toBe(exitCode);
  }
});

it("an image of which something was removed is pulled again", async () => {
  const image = makeImage(here.host.tools, { script: "exit 3", ballast: randomBytes(1024) });
  here.registry.put("torn", image);
  const run = async () => (await (await here.host.runContainer("torn", sourceOf("torn"))).ended).exitCode;
  expect(await run()).toBe(3);
  await here.host.ctr("content", "rm", image.manifestDigest);
  expect(await run()).toBe(3);
  expect(await here.host.ctr("content", "ls", "-q")).toContain(image.manifestDigest);
});

it("an image that is there under its digest is run without asking anybody", async () => {
  const image = makeImage(here.host.tools, { script: "exit 6" });
  here.registry.put("pinned", image);
  const source = `registry.test/pinned@${image.manifestDigest}`;
  const run = async () => (await (await here.host.runContainer("pinned", source)).ended).exitCode;
  expect(await run()).toBe(6);
  const asked = here.registry.of("pinned").length;
  expect(asked).toBeGreaterThan(0);
  expect(await run()).toBe(6);
  expect(here.registry.of("pinned")).toHaveLength(asked);
});

/** In bytes, of what containerd has begun to store and does not have whole. */
async function largestIngest(): Promise<number> {
  const directory = here.host.at("/var/lib/host-containerd/io.containerd.content.v1.content/ingest");
  const sizes = (await readdir(directory)).map((name) => Bun.file(`${directory}/${name}/data`).size);
  return Math.max(0, ...sizes);
}

it("a pull that was killed in the middle of a layer goes on from there in the next process", async () => {
  here.registry.put("killed", bigImage(), (request, response, bytes) => {
    if (!isBig(request, bytes) || request.range !== undefined) return false;
    response.writeHead(200, { "Content-Length": bytes.length });
    response.write(bytes.subarray(0, 3 * 1024 * 1024));
    return true;
  });
  const words = [
    "host-ctr",
    "pull-image",
    "--source=registry.test/killed:1",
    "--registry-config=/etc/host-containers/host-ctr.toml",
  ];
  const first = here.host.start(words);
  await untilTrue("half of the layer is there", async () => (await largestIngest()) >= 2 * 1024 * 1024);
  first.kill("SIGKILL");
  await first.ended;
  const second = await here.host.run(words);
  expect(second.exitCode).toBe(0);
  const ranges = here.registry.of("killed", "blobs").flatMap(({ range }) => range ?? []);
  expect(Number(/^bytes=(\d+)-$/.exec(ranges[0] ?? "")?.[1])).toBeGreaterThan(1024 * 1024);
});
