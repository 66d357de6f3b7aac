import { expect, it } from "bun:test";
import { Looks } from "./look.ts";

/** Looks that end when the test says so. */
function controlled() {
  const begun: { input: string; end(how: string | Error): void }[] = [];
  const looks = new Looks((input) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    begun.push({ input, end: (how) => (typeof how === "string" ? resolve(how) : reject(how)) });
    return promise;
  });
  return { looks, begun };
}

it("one look runs and one waits, which all share who ask meanwhile", async () => {
  const { looks, begun } = controlled();
  const first = looks.print("1");
  const shared = ["2", "3", "4"].map((input) => looks.print(input));
  expect(begun.map(({ input }) => input)).toEqual(["1"]);
  begun[0]?.end("one");
  expect(await first).toBe("one");
  await Bun.sleep(1);
  expect(begun.map(({ input }) => input)).toEqual(["1", "4"]);
  begun[1]?.end("two");
  expect(await Promise.all(shared)).toEqual(["two", "two", "two"]);
});

it("a look that fails fails for those who asked for it, and the next one runs", async () => {
  const { looks, begun } = controlled();
  const first = looks.print("1");
  const second = looks.print("2");
  begun[0]?.end(new Error("no"));
  expect(first).rejects.toThrow("no");
  await Bun.sleep(1);
  begun[1]?.end("two");
  expect(await second).toBe("two");
  await Bun.sleep(1);
  const third = looks.print("3");
  expect(begun).toHaveLength(3);
  begun[2]?.end("three");
  expect(await third).toBe("three");
});
