/** The encoding of calls, beside the library of Protocol Buffers with the same protocol. */
import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import protobuf from "protobufjs";
import content from "./protocol.json";
import { codecOf, decodeMessage, encodeMessage } from "./protocol.ts";

const root = protobuf.Root.fromJSON(content);
root.resolveAll();
const types = typesOf(root);

describe("messages of every type of the protocol", () => {
  for (const type of types) {
    const name = type.fullName.slice(1);
    it(name, () => {
      fc.assert(
        fc.property(messageOf(type, 3), (message) => {
          const theirs = type.encode(type.fromObject(message)).finish();
          const options = { longs: Number, defaults: true };
          const read = (bytes: Uint8Array) => type.toObject(type.decode(bytes), options);
          expect(read(encodeMessage(name, message))).toEqual(read(theirs));
          expect(asRead(decodeMessage(name, theirs))).toEqual(asRead(read(theirs)));
        }),
        { numRuns: 30 },
      );
    });
  }
  it("there are some", () => expect(types.length).toBeGreaterThan(50));
});

describe("a message that is wrong", () => {
  it("has a member that the protocol does not know", () =>
    expect(() => codecOf("images.v1.Images/Get").encode({ nam: "x" })).toThrow(
      "containerd.services.images.v1.GetImageRequest has no member nam",
    ));
  it("has a member of another kind", () =>
    expect(() => codecOf("images.v1.Images/Get").encode({ name: 1 })).toThrow(
      "name is 1, but should be a text",
    ));
  it("has a number that is negative", () =>
    expect(() => encodeMessage("google.protobuf.Timestamp", { seconds: -1 })).toThrow(
      "seconds is -1, but should be a number",
    ));
  it("ends too early", () =>
    expect(() => decodeMessage("containerd.types.Descriptor", Buffer.from([10, 5, 65]))).toThrow(
      "a message ends too early",
    ));
  it("has a method that the protocol does not know", () =>
    expect(() => codecOf("images.v1.Images/Fetch")).toThrow("protocol.json has no images.v1.Images/Fetch"));
});

it("what a later version of the protocol adds to a message is passed over", () => {
  const later = Buffer.concat([
    encodeMessage("containerd.types.Descriptor", { digest: "sha256:1" }),
    // Fields 100 to 103: a number, eight bytes, a text, four bytes.
    Buffer.from("a00605a906000000000000000 1b20601 41bd0600000000".replaceAll(" ", ""), "hex"),
  ]);
  expect(decodeMessage("containerd.types.Descriptor", later)).toMatchObject({ digest: "sha256:1" });
});

function typesOf(namespace: protobuf.NamespaceBase): readonly protobuf.Type[] {
  return namespace.nestedArray.flatMap((each) =>
    each instanceof protobuf.Type
      ? [each, ...typesOf(each)]
      : each instanceof protobuf.Namespace
        ? typesOf(each)
        : [],
  );
}

/** Any message of a type, with some of its members. */
function messageOf(type: protobuf.Type, depth: number): fc.Arbitrary<object> {
  const members = type.fieldsArray
    .map((field) => field.resolve())
    .filter((field) => depth > 0 || !(field.resolvedType instanceof protobuf.Type))
    .map((field): [string, fc.Arbitrary<unknown>] => {
      const value = memberOf(field, depth);
      if (field.map)
        return [field.name, fc.dictionary(fc.stringMatching(/^[a-z./]{1,9}$/), value, { maxKeys: 3 })];
      return [field.name, field.repeated ? fc.array(value, { maxLength: 3 }) : value];
    });
  return fc.record(Object.fromEntries(members), { requiredKeys: [] });
}

function memberOf(field: protobuf.Field, depth: number): fc.Arbitrary<unknown> {
  if (field.resolvedType instanceof protobuf.Type) return messageOf(field.resolvedType, depth - 1);
  if (field.resolvedType instanceof protobuf.Enum)
    return fc.constantFrom(...Object.values(field.resolvedType.values));
  switch (field.type) {
    case "string":
      return fc.string({ unit: "binary" });
    case "bytes":
      return fc.uint8Array().map((bytes) => Buffer.from(bytes));
    case "bool":
      return fc.boolean();
    case "int64":
      return fc.nat(Number.MAX_SAFE_INTEGER);
    case "int32":
    case "uint32":
      return fc.nat(2 ** 31 - 1);
    default:
      throw new Error(`${field.fullName} has the type ${field.type}`);
  }
}

/** Bytes of either library, and tables with or without the members that objects have by themselves, alike. */
function asRead(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString("hex")}`;
  if (Array.isArray(value)) return value.map(asRead);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, asRead(each)]));
}
