import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Archive } from "./archive.ts";
import { tarHeader } from "./tar-header.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "pinwheel-support-"));
});
afterAll(() => rm(directory, { recursive: true }));

async function* pieces(...all: readonly (string | Uint8Array | Error)[]) {
  for (const piece of all) {
    if (piece instanceof Error) throw piece;
    yield Buffer.from(piece);
  }
}

async function tar(...args: string[]): Promise<string> {
  const child = Bun.spawn(["tar", ...args], {
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, TZ: "UTC" },
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  expect([await child.exited, stderr]).toEqual([0, ""]);
  return stdout;
}

describe("an archive, as tar reads it", () => {
  it("has directories and files with their content, time and mode, whatever their names", async () => {
    const output = join(directory, "new/a.tar.gz");
    const archive = await Archive.create(output);
    const long = `top/${"long/".repeat(40)}name`;
    const files = new Map<string, Uint8Array>([
      ["top/empty", Buffer.alloc(0)],
      ["top/block", Buffer.alloc(512, "b")],
      ["top/many", crypto.getRandomValues(Buffer.alloc(50_000))],
      ["top/zürich", Buffer.from("utf-8")],
      [long, Buffer.from("deep")],
    ]);
    await archive.addDirectory("top", 0);
    for (const [name, content] of files) {
      await archive.addFile(name, 1_600_000_000, pieces(content.subarray(0, 100), content.subarray(100)));
    }
    expect(await readdir(join(directory, "new"))).toEqual([expect.stringMatching(/^\.tmp-/)]);
    await archive.finish();
    expect(await readdir(join(directory, "new"))).toEqual(["a.tar.gz"]);
    expect((await stat(output)).mode & 0o777).toBe(0o644);

    const into = join(directory, "unpacked");
    await mkdir(into);
    await tar("-xzf", output, "-C", into);
    for (const [name, content] of files)
      expect(await readFile(join(into, name))).toEqual(Buffer.from(content));
    expect((await tar("-tvzf", output)).split("\n").slice(0, 3)).toEqual([
      "drwxr-xr-x root/root         0 1970-01-01 00:00 top/",
      "-rw-r--r-- root/root         0 2020-09-13 12:26 top/empty",
      "-rw-r--r-- root/root       512 2020-09-13 12:26 top/block",
    ]);
  });

  it("has nothing of a file whose content failed half-way, and goes on", async () => {
    const output = join(directory, "b.tar.gz");
    const archive = await Archive.create(output);
    const broken = archive.addFile("broken", 0, pieces(Buffer.alloc(1e6, "x"), new Error("the disk is ill")));
    await expect(broken).rejects.toThrow("the disk is ill");
    await archive.addFile("whole", 0, pieces("y"));
    await archive.finish();
    expect(await tar("-tzf", output)).toBe("whole\n");
  });

  it("replaces one that is there only when it is finished, and leaves nothing when it is abandoned", async () => {
    const inside = join(directory, "kept");
    const output = join(inside, "c.tar.gz");
    await mkdir(inside);
    await writeFile(output, "earlier");
    const archive = await Archive.create(output);
    await archive.addFile("x", 0, pieces("y"));
    await archive.abandon();
    expect(await readdir(inside)).toEqual(["c.tar.gz"]);
    expect(await readFile(output, "utf8")).toBe("earlier");
  });
});

describe("an output that cannot be one", () => {
  const table: [output: string, problem: string][] = [
    ["/", "The archive cannot be /: it has no file name"],
    [tmpdir(), `The archive cannot be ${tmpdir()}: it is a directory`],
    [
      "/proc/nowhere/x.tar.gz",
      "The archive /proc/nowhere/x.tar.gz could not be written, and what there was of it is removed",
    ],
  ];
  for (const [output, problem] of table) {
    it(output, () => expect(Archive.create(output)).rejects.toThrow(problem));
  }
});

describe("the size in a header", () => {
  const sizeField = (bytes: number) => {
    const header = tarHeader({ name: "x", kind: "file", bytes, mode: 0o644, modified: 0 });
    return Buffer.from(header).subarray(124, 136).toString("latin1");
  };
  it("is octal up to 8 GiB less a byte", () => expect(sizeField(8 * 2 ** 30 - 1)).toBe("77777777777\0"));
  it("and binary from there on", () => expect(sizeField(8 * 2 ** 30)).toBe("\x80\0\0\0\0\0\0\x02\0\0\0\0"));
});
