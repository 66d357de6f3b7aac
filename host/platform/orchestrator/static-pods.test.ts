import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setUpStaticPods } from "./set-up-static-pods.ts";

let root: string;
let directory: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pinwheel-static-pods-"));
  directory = join(root, "etc/kubernetes/static-pods");
});
afterEach(() => rm(root, { recursive: true }));

const bytes = Uint8Array.of(0, 255, 10, 13);
const manifest = Buffer.from(bytes).toString("base64");
const setUp = (pods: object | undefined) => setUpStaticPods(root, { "static-pods": pods });
const files = async () => (await readdir(directory).catch(() => [])).sort();

describe("rendered-config Check 43: a static pod", () => {
  it("that is enabled has its manifest in a file of its name, for root alone; disabled, it has none", async () => {
    const web = { enabled: true, manifest };
    expect(await setUp({ web })).toEqual([{ level: "info", text: "static pod web: manifest written" }]);
    expect(await readFile(join(directory, "web"))).toEqual(Buffer.from(bytes));
    expect((await stat(join(directory, "web"))).mode & 0o777).toBe(0o600);
    expect(await files()).toEqual(["web"]);
    const done = await setUp({ web: { ...web, enabled: false } });
    expect(done).toEqual([{ level: "info", text: "static pod web: manifest removed" }]);
    expect(await files()).toEqual([]);
  });

  it("containers Check 38: is replaced by a new file, never a part of one, and left alone if it is the same", async () => {
    const inode = async () => (await stat(join(directory, "web"))).ino;
    await setUp({ web: { enabled: true, manifest } });
    const first = await inode();
    expect(await setUp({ web: { enabled: true, manifest } })).toEqual([]);
    expect(await inode()).toBe(first);
    await setUp({ web: { enabled: true, manifest: "aGk=" } });
    expect(await inode()).not.toBe(first);
    expect(await files()).toEqual(["web"]);
  });

  it("containers Check 38: that is wrong does not keep the others from being set up, and keeps its old manifest", async () => {
    await setUp({ c: { enabled: true, manifest } });
    const pods = {
      a: { manifest },
      b: { enabled: true },
      c: { enabled: true, manifest: "not base64!" },
      "../d": { enabled: true, manifest },
      e: { enabled: true, manifest },
    };
    await expect(setUp(pods)).rejects.toMatchObject({
      code: "orchestrator/bad-pods",
      message:
        "Failed to set up 4 of 5 static pods: ../d: the name has other characters than A-Z a-z 0-9 -; settings.kubernetes.static-pods.a.enabled is not set; settings.kubernetes.static-pods.b.manifest is not set; settings.kubernetes.static-pods.c.manifest is not base64",
    });
    expect(await files()).toEqual(["c", "e"]);
    expect(await readFile(join(directory, "c"))).toEqual(Buffer.from(bytes));
  });

  it("that is not declared any more is removed (it stays until the reboot in the reference)", async () => {
    await setUp({ web: { enabled: true, manifest }, other: { enabled: true, manifest } });
    await writeFile(join(directory, "foreign"), "put there by somebody else");
    await setUp({ other: { enabled: true, manifest } });
    expect(await files()).toEqual(["foreign", "other"]);
    await setUp(undefined);
    expect(await files()).toEqual(["foreign"]);
  });

  it("that cannot be written or removed does not keep the others from it, and is tried again", async () => {
    await setUp({ gone: { enabled: true, manifest } });
    for (const name of ["blocked", "gone"]) {
      await rm(join(directory, name), { force: true });
      await mkdir(join(directory, name, "not empty"), { recursive: true });
    }
    const pods = { blocked: { enabled: true, manifest }, web: { enabled: true, manifest } };
    await expect(setUp(pods)).rejects.toMatchObject({
      code: "orchestrator/pods-failed",
      message: expect.stringMatching(/^Failed to set up 2 of 3 static pods: blocked: EISDIR.*; gone: EISDIR/),
    });
    expect(await readFile(join(directory, "web"))).toEqual(Buffer.from(bytes));
    await rm(join(directory, "gone"), { recursive: true });
    await writeFile(join(directory, "gone"), "");
    await rm(join(directory, "blocked"), { recursive: true });
    await setUp(pods);
    expect(await files()).toEqual(["blocked", "web"]);
  });

  it("that is removed while the list of written ones is damaged stays, which is told by nothing worse", async () => {
    await setUp({ web: { enabled: true, manifest } });
    await writeFile(join(root, "run/pinwheel/static-pods.json"), "{");
    expect(await setUp({})).toEqual([]);
    expect(await files()).toEqual(["web"]);
  });
});

it("without static pods nothing is done; without settings of Kubernetes that is a failure", async () => {
  await mkdir(root, { recursive: true });
  expect(await setUp(undefined)).toEqual([]);
  expect(await setUp({})).toEqual([]);
  expect(await readdir(root)).toEqual([]);
  await expect(setUpStaticPods(root, undefined)).rejects.toThrow(
    "static-pods needs settings that are not there: settings.kubernetes",
  );
});
