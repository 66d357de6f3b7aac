/**
 * The control messages of an exec session, and the close codes that end one (api.md 7.3, 7.6).
 *
 * Everything a client sends is unknown until `parseControl` has looked at it.
 */

/** Rows and columns of a terminal, each 0 to 65535. */
export interface Size {
  readonly rows: number;
  readonly cols: number;
}

/** What is to be run, and where. */
export interface Initialize {
  readonly kind: "initialize";
  /** Each word's bytes, which need not be text. */
  readonly command: readonly Uint8Array[];
  readonly target: string;
  /** Absent for pipes. */
  readonly tty?: { readonly size?: Size };
}

export type Control =
  | Initialize
  | { readonly kind: "winch"; readonly size: Size }
  | { readonly kind: "content-complete" };

/** Messages that a client may have sent without having been told that they are written. */
export const MAX_OUTSTANDING = 1024;

/** After so many messages written to the process the client is told. */
export const MESSAGES_PER_REPORT = 128;

/** Bytes of process output in one message, at most. */
export const OUTPUT_BYTES = 4096;

/** Why the server ends a session. */
export const closeCodes = {
  exited: 1000,
  stopping: 1001,
  badControl: 1007,
  refused: 1008,
  tooMuch: 1009,
  failed: 1011,
  full: 1013,
} as const;

/** The text of the server's one control message. */
export function capacityText(written: number): string {
  return JSON.stringify({
    Capacity: { max_messages_outstanding: MAX_OUTSTANDING, messages_written: written },
  });
}

/** @returns the message, or one sentence about what is wrong with it */
export function parseControl(text: string): Control | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return invalid(error instanceof Error ? error.message : String(error));
  }
  if (value === "ContentComplete") return { kind: "content-complete" };
  if (!isObject(value)) return invalid("expected an object or ContentComplete");
  const [tag, ...more] = Object.keys(value);
  if (more.length > 0) return invalid("expected an object with one key");
  const content = value[tag ?? ""];
  if (tag === "Initialize") return parseInitialize(content);
  if (tag !== "Winch") return invalid("expected Initialize, Winch or ContentComplete");
  const size = parseSize(content);
  return size === undefined ? invalid(`Winch needs ${SIZE}`) : { kind: "winch", size };
}

const SIZE = "rows and cols, each 0 to 65535";

const invalid = (why: string) => ({ problem: `Invalid JSON in a control message: ${why}` });

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parseInitialize(value: unknown): Initialize | { readonly problem: string } {
  if (!isObject(value)) return invalid("Initialize needs an object");
  const { command, target, tty } = value;
  if (typeof target !== "string") return invalid("Initialize needs target, a string");
  const words = Array.isArray(command) ? command.map(parseWord) : [undefined];
  if (!words.every((word) => word !== undefined))
    return invalid('Initialize needs command, a list of {"Unix": bytes}');
  const start = { kind: "initialize" as const, command: words, target };
  if (tty === undefined || tty === null) return start;
  if (!isObject(tty)) return invalid("tty is neither null nor an object");
  if (tty.size === undefined || tty.size === null) return { ...start, tty: {} };
  const size = parseSize(tty.size);
  return size === undefined ? invalid(`tty.size needs ${SIZE}`) : { ...start, tty: { size } };
}

function parseWord(value: unknown): Uint8Array | undefined {
  const bytes = isObject(value) && Object.keys(value).length === 1 ? value.Unix : undefined;
  const ok = Array.isArray(bytes) && bytes.every((byte) => isUnsigned(byte, 8));
  return ok ? Uint8Array.from(bytes as number[]) : undefined;
}

function parseSize(value: unknown): Size | undefined {
  if (!isObject(value)) return undefined;
  const { rows, cols } = value;
  return isUnsigned(rows, 16) && isUnsigned(cols, 16) ? { rows, cols } : undefined;
}

const isUnsigned = (value: unknown, bits: number): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** bits;

const REASON_BYTES = 123; // what a close frame can hold

/** A close reason, cut to what a close frame can hold, at a whole character. */
export function reasonText(text: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= REASON_BYTES) return text;
  return new TextDecoder().decode(bytes.subarray(0, REASON_BYTES)).replace(/\uFFFD+$/, "");
}
