import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { decodeHeaders, encodeHeaders } from "./header-block.ts";
import { decodeHuffman } from "./huffman.ts";

const bytes = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");

describe("texts that are shortened, as RFC 7541 appendix C has them", () => {
  const table: readonly (readonly [hex: string, text: string])[] = [
    ["f1e3 c2e5 f23a 6ba0 ab90 f4ff", "www.example.com"],
    ["6402", "302"],
    ["aec3 771a 4b", "private"],
    ["d07a be94 1054 d444 a820 0595 040b 8166 e082 a62d 1bff", "Mon, 21 Oct 2013 20:13:21 GMT"],
    ["9d29 ad17 1863 c78f 0b97 c8e9 ae82 ae43 d3", "https://www.example.com"],
    [
      "94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
      "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
    ],
  ];
  for (const [hex, text] of table) {
    it(text, () => expect(Buffer.from(decodeHuffman(bytes(hex))).toString()).toBe(text));
  }
  it("are refused when they end within a code", () => {
    expect(() => decodeHuffman(bytes("aec3 771a 40"))).toThrow("a shortened text ends within a code");
  });
  it("are refused when more than a byte is filled up", () => {
    expect(() => decodeHuffman(bytes("aec3 771a 4bff ff"))).toThrow("a shortened text ends within a code");
  });
});

describe("blocks of fields", () => {
  it("are read as they were written, whatever is in them", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string({ maxLength: 400 })), (fields) => {
        const sent = new Map(Object.entries(fields).map(([k, v]) => [k.toWellFormed(), v.toWellFormed()]));
        expect(decodeHeaders(encodeHeaders(sent))).toEqual(sent);
      }),
    );
  });
  it("have fields that are numbers, and the size of the table, which are passed over", () => {
    const block = Buffer.concat([bytes("20 88 5f 01 78"), encodeHeaders([["grpc-status", "0"]])]);
    expect(decodeHeaders(block)).toEqual(new Map([["grpc-status", "0"]]));
  });
  for (const [what, hex] of [
    ["a text that is cut", "00 0a 61"],
    ["a field without its value", "00 01 61"],
    ["a number that is cut", "ff"],
  ] as const) {
    it(`are refused with ${what}`, () =>
      expect(() => decodeHeaders(bytes(hex))).toThrow("a block of fields ends too early"));
  }
  it("are refused with a number that never ends", () =>
    expect(() => decodeHeaders(bytes("ff ffff ffff ffff"))).toThrow(
      "a block of fields has a number that is too large",
    ));
});
