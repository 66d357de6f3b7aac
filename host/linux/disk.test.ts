import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { splitDeviceNumber } from "./disk.ts";

describe("a device number", () => {
  it("is split also when its minor is above 255 (the reference misreads those)", () => {
    expect(splitDeviceNumber(0xfd00n)).toEqual({ major: 253n, minor: 0n });
    expect(splitDeviceNumber(0xfdffn)).toEqual({ major: 253n, minor: 255n });
    expect(splitDeviceNumber(0x10fd00n)).toEqual({ major: 253n, minor: 256n });
  });

  it("is split as the C library packs it, over the whole 64 bits", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 0xffff_ffffn), fc.bigInt(0n, 0xffff_ffffn), (major, minor) => {
        const low = ((major & 0xfffn) << 8n) | (minor & 0xffn);
        const high = ((major & ~0xfffn) << 32n) | ((minor & ~0xffn) << 12n);
        expect(splitDeviceNumber(low | high)).toEqual({ major, minor });
      }),
    );
  });
});
