import { describe, expect, it } from "bun:test";
import { Glob } from "bun";
import { fileContent, matchingFiles } from "./contents.ts";
import { merged } from "./merged.ts";

async function textOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(content)).toString();
}

it("a file that the kernel makes is read, though it has no size", async () => {
  const { content } = await fileContent("/proc/mounts");
  expect(await textOf(content)).toContain(" / ");
});

it("a pattern begins at the root directory, with one slash or without", async () => {
  expect(await matchingFiles(import.meta.dir, "/requests.*")).toEqual(["/requests.test.ts", "/requests.ts"]);
  expect(await matchingFiles(import.meta.dir, "*.toml")).toEqual(["/collections.toml", "/secret-words.toml"]);
  const all = [...new Glob("*").scanSync({ cwd: import.meta.dir })].map((name) => `/support/${name}`);
  expect(await matchingFiles(`${import.meta.dir}/..`, "/suppor?")).toEqual(all.sort());
});

describe("several streams as one", () => {
  async function* slowly(...chunks: readonly (string | Error)[]) {
    for (const chunk of chunks) {
      await Bun.sleep(1);
      if (chunk instanceof Error) throw chunk;
      yield chunk;
    }
  }
  async function* never() {
    await new Promise(() => undefined);
    yield "";
  }

  it("have all chunks, those of each in order", async () => {
    const all = await Array.fromAsync(merged([slowly("a", "b", "c"), slowly("1", "2"), slowly()]));
    expect(all.filter((each) => /\w/.test(each) && each >= "a")).toEqual(["a", "b", "c"]);
    expect(all.filter((each) => each < "a")).toEqual(["1", "2"]);
  });
  it("do not wait for one that says nothing", async () => {
    const first = await merged([never(), slowly("a")]).next();
    expect(first).toEqual({ done: false, value: "a" });
  });
  it("fail when one of them does", async () => {
    await expect(Array.fromAsync(merged([slowly("a"), slowly(new Error("broken"))]))).rejects.toThrow(
      "broken",
    );
  });
});
