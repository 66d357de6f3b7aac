import { describe, expect, it } from "bun:test";
import { SEALED_NAMES, sealRuntime } from "./seal.ts";

describe("the sealed runtime", () => {
  it("has no sealed name left, keeps its length, and keeps names that only end in the same letters", () => {
    const runtime = Buffer.from(`x\0${SEALED_NAMES.join("\0")}\0RES_OPTIONS\0`);
    const { sealed, missing } = sealRuntime(runtime);
    expect(missing).toEqual([]);
    expect(sealed.length).toBe(runtime.length);
    const text = Buffer.from(sealed).toString("latin1");
    for (const name of SEALED_NAMES) expect(text).not.toContain(name);
    expect(text).toContain("RES_OPTIONS");
  });
  it("leaves the text of built-in scripts as it is", () => {
    const script = 'env.BUN_INSPECT_NOTIFY, ["NODE_COMPILE_CACHE"]';
    expect(Buffer.from(sealRuntime(Buffer.from(script)).sealed).toString()).toBe(script);
  });
  it("names what it did not find, so that a new runtime cannot pass unnoticed", () => {
    expect(sealRuntime(Buffer.from("nothing")).missing).toEqual([...SEALED_NAMES]);
  });
});
