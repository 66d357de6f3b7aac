/**
 * The encoding of calls to containerd: messages as objects, and as the bytes of Protocol Buffers.
 *
 * Only what these messages have: texts, bytes, truth values, whole numbers that are not negative, lists, tables by text.
 *
 * @source  protocol.json, made by image/containerd-protocol.ts; "Protocol Buffers: Encoding"
 */
import content from "./protocol.json";
import { readFields, writeField, writeNumber } from "./wire.ts";

/** How a method's messages are written and read. */
export interface Codec {
  readonly path: string;
  encode(message: object): Buffer;
  decode(bytes: Uint8Array): object;
}

/** @param method  below `containerd.services.`: `images.v1.Images/Get` */
export function codecOf(method: string): Codec {
  const [service = "", name = ""] = `containerd.services.${method}`.split("/");
  const found = entryAt(service)?.methods?.[name];
  if (found === undefined) throw new Error(`protocol.json has no ${method}`);
  const request = typeNamed(found.requestType, service);
  const response = typeNamed(found.responseType, service);
  return {
    path: `/${service}/${name}`,
    encode: (message) => encode(request, message),
    decode: (bytes) => decode(response, bytes),
  };
}

/** Encodes one message of a type, for members that are documents themselves. */
export function encodeMessage(type: string, message: object): Uint8Array {
  return encode(typeNamed(type, ""), message);
}

/** Reads one message of a type. What it does not have is there as the protocol's default. */
export function decodeMessage(type: string, bytes: Uint8Array): object {
  return decode(typeNamed(type, ""), bytes);
}

interface Field {
  readonly type: string;
  readonly id: number;
  readonly rule?: string;
  readonly keyType?: string;
}

/** What has a name in the protocol: a package, a type, a list of numbers, a service. */
interface Entry {
  readonly nested?: Readonly<Record<string, Entry>>;
  readonly fields?: Readonly<Record<string, Field>>;
  readonly values?: Readonly<Record<string, number>>;
  readonly methods?: Readonly<
    Record<string, { readonly requestType: string; readonly responseType: string }>
  >;
}

const protocol: Entry = content;

/** A type, and where its members' types are looked for first. */
interface MessageType {
  readonly scope: string;
  readonly fields: Readonly<Record<string, Field>>;
}

type Kind =
  | { readonly kind: "text" | "bytes" | "truth" | "number" }
  | { readonly kind: "message"; readonly type: MessageType };

const plainKinds: ReadonlyMap<string, Kind> = new Map([
  ["string", { kind: "text" }],
  ["bytes", { kind: "bytes" }],
  ["bool", { kind: "truth" }],
  ...["int32", "int64", "uint32", "uint64"].map((name): [string, Kind] => [name, { kind: "number" }]),
]);

function entryAt(path: string): Entry | undefined {
  return path.split(".").reduce<Entry | undefined>((entry, name) => entry?.nested?.[name], protocol);
}

/** As names are meant in the protocol: in the innermost scope that has them. */
function find(name: string, scope: string): { readonly path: string; readonly entry: Entry } {
  const scopes = scope.split(".");
  for (let depth = scopes.length; depth >= 0; depth--) {
    const path = [...scopes.slice(0, depth).filter(Boolean), name].join(".");
    const entry = entryAt(path);
    if (entry !== undefined) return { path, entry };
  }
  throw new Error(`protocol.json has no type ${name} in ${scope}`);
}

function typeNamed(name: string, scope: string): MessageType {
  const { path, entry } = find(name, scope);
  return { scope: path, fields: entry.fields ?? {} };
}

function kindOf({ type }: Field, scope: string): Kind {
  const plain = plainKinds.get(type);
  if (plain !== undefined) return plain;
  const { path, entry } = find(type, scope);
  if (entry.values !== undefined) return { kind: "number" };
  return { kind: "message", type: { scope: path, fields: entry.fields ?? {} } };
}

function encode(type: MessageType, message: object): Buffer {
  const parts: Uint8Array[] = [];
  for (const [name, value] of Object.entries(message) as [string, unknown][]) {
    if (value === undefined || value === null) continue;
    const field = type.fields[name];
    if (field === undefined) throw new Error(`${type.scope} has no member ${name}`);
    const kind = kindOf(field, type.scope);
    if (field.keyType !== undefined) {
      for (const [key, each] of Object.entries(value)) {
        const entry = [...writeField(1, Buffer.from(key)), ...encodeValue(2, kind, each, name)];
        parts.push(...writeField(field.id, Buffer.concat(entry)));
      }
    } else if (field.rule === "repeated") {
      if (!Array.isArray(value)) throw new Error(`${type.scope}.${name} is not a list`);
      for (const each of value as readonly unknown[]) parts.push(...encodeValue(field.id, kind, each, name));
    } else parts.push(...encodeValue(field.id, kind, value, name));
  }
  return Buffer.concat(parts);
}

function encodeValue(id: number, kind: Kind, value: unknown, name: string): readonly Uint8Array[] {
  switch (kind.kind) {
    case "text":
      if (typeof value === "string") return writeField(id, Buffer.from(value));
      break;
    case "bytes":
      if (value instanceof Uint8Array) return writeField(id, value);
      break;
    case "truth":
      if (typeof value === "boolean") return writeNumber(id, value ? 1 : 0);
      break;
    case "number":
      if (Number.isSafeInteger(value) && Number(value) >= 0) return writeNumber(id, Number(value));
      break;
    case "message":
      if (typeof value === "object" && value !== null) return writeField(id, encode(kind.type, value));
      break;
  }
  throw new Error(`${name} is ${String(value)}, but should be a ${kind.kind}`);
}

function decode(type: MessageType, bytes: Uint8Array): object {
  const members = new Map(
    Object.entries(type.fields).map(([name, field]) => [
      field.id,
      { name, field, kind: kindOf(field, type.scope) },
    ]),
  );
  const message: Record<string, unknown> = {};
  for (const { name, field, kind } of members.values()) {
    message[name] = field.keyType !== undefined ? {} : field.rule === "repeated" ? [] : nothingOf(kind);
  }
  for (const { id, value } of readFields(bytes)) {
    const member = members.get(id);
    // Of a later version of the protocol.
    if (member === undefined) continue;
    const { name, field, kind } = member;
    if (field.keyType !== undefined) {
      const entry = new Map([...readFields(bytesOf(value))].map((each) => [each.id, each.value]));
      const key = Buffer.from(bytesOf(entry.get(1) ?? Buffer.alloc(0))).toString();
      const found = entry.get(2);
      const table = message[name] as Record<string, unknown>;
      table[key] = found === undefined ? nothingOf(kind) : decodeValue(kind, found);
    } else if (field.rule === "repeated") (message[name] as unknown[]).push(decodeValue(kind, value));
    else message[name] = decodeValue(kind, value);
  }
  return message;
}

function decodeValue(kind: Kind, value: number | Uint8Array): unknown {
  switch (kind.kind) {
    case "text":
      return Buffer.from(bytesOf(value)).toString();
    case "bytes":
      return bytesOf(value);
    case "truth":
      return value !== 0;
    case "number":
      return Number(value);
    case "message":
      return decode(kind.type, bytesOf(value));
  }
}

function nothingOf({ kind }: Kind): unknown {
  switch (kind) {
    case "text":
      return "";
    case "bytes":
      return new Uint8Array();
    case "truth":
      return false;
    case "number":
      return 0;
    case "message":
      return null;
  }
}

function bytesOf(value: number | Uint8Array): Uint8Array {
  if (typeof value === "number") throw new Error("a message has a number where it should have bytes");
  return value;
}
