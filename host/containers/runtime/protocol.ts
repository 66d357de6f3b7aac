/**
 * The encoding of calls to containerd.
 *
 * @source  protocol.json, made by image/containerd-protocol.ts
 */
import protobuf from "protobufjs/light";
import content from "./protocol.json";

const root = protobuf.Root.fromJSON(content);

/** How a method's messages are written and read. */
export interface Codec {
  readonly path: string;
  encode(message: object): Buffer;
  decode(bytes: Uint8Array): object;
}

/** @param method  below `containerd.services.`: `images.v1.Images/Get` */
export function codecOf(method: string): Codec {
  const [service = "", name = ""] = `containerd.services.${method}`.split("/");
  const found = root.lookupService(service).methods[name];
  found?.resolve();
  const { resolvedRequestType: request, resolvedResponseType: response } = found ?? {};
  if (!request || !response) throw new Error(`protocol.json has no ${method}`);
  return {
    path: `/${service}/${name}`,
    encode: (message) => Buffer.from(request.encode(request.fromObject(message)).finish()),
    decode: (bytes) => response.toObject(response.decode(bytes), { longs: Number, defaults: true }),
  };
}

/** Encodes one message of a type, for members that are documents themselves. */
export function encodeMessage(type: string, message: object): Uint8Array {
  const found = root.lookupType(type);
  return found.encode(found.fromObject(message)).finish();
}
