/** Takes secrets out of bytes that go by, whatever their number. */
import { secretText } from "../settings/index.ts";
import type { HideNamed } from "./named-values.ts";

/** What is secret on a host. */
export interface Secrets {
  /** What is looked for, see `secretForms`. */
  readonly forms: readonly Buffer[];
  readonly hideNamed: HideNamed;
}

interface Span {
  readonly start: number;
  /** Of what comes behind it. */
  readonly end: number;
}

// Bytes that are looked at together. Less would look at the held ones too often, more would only cost memory.
const BATCH_BYTES = 256 * 1024;

/** The same bytes without secrets. At most some batches of them are held. */
export async function* redacted(content: AsyncIterable<Uint8Array>, secrets: Secrets) {
  const redactor = new Redactor(secrets);
  for await (const chunk of content) yield redactor.push(chunk);
  yield redactor.end();
}

/** Of one stream. What may be the beginning of a secret is held until its end has come or has not. */
export class Redactor {
  private readonly longest: number;
  private readonly batch: number;
  private held: Buffer[] = [];
  private heldBytes = 0;
  /** Of text the length may change; in a dump every byte has its place. */
  private isText: boolean | undefined;

  constructor(private readonly secrets: Secrets) {
    this.longest = Math.max(1, ...secrets.forms.map((form) => form.length));
    this.batch = Math.max(BATCH_BYTES, 2 * this.longest);
  }

  push(chunk: Uint8Array): Uint8Array {
    this.isText ??= !chunk.includes(0);
    this.held.push(Buffer.from(chunk));
    this.heldBytes += chunk.length;
    return this.heldBytes < this.batch ? Buffer.alloc(0) : this.take(false);
  }

  end(): Uint8Array {
    return this.take(true);
  }

  private take(isLast: boolean): Uint8Array {
    const bytes = Buffer.concat(this.held);
    const spans = joined(this.secrets.forms.flatMap((form) => spansOf(form, bytes)));
    const edge = isLast ? bytes.length : this.edgeOf(bytes, spans);
    this.held = [bytes.subarray(edge)];
    this.heldBytes = bytes.length - edge;
    return this.hide(
      bytes.subarray(0, edge),
      spans.filter(({ start }) => start < edge),
    );
  }

  /** Up to where every secret has been seen whole; in a text, to the end of a line, so that names are with their values. */
  private edgeOf(bytes: Buffer, spans: readonly Span[]): number {
    const seen = bytes.length - (this.longest - 1);
    const lines = this.isText === true ? bytes.lastIndexOf("\n", seen - 1) + 1 : 0;
    const edge = lines > 0 ? lines : seen;
    const cut = spans.find(({ start, end }) => start < edge && edge < end);
    if (cut === undefined) return edge;
    // One that begins the batch and does not end in it: secrets in a row that overlap. They are hidden as they come.
    return cut.start > 0 ? cut.start : cut.end;
  }

  private hide(bytes: Buffer, spans: readonly Span[]): Uint8Array {
    const parts: Uint8Array[] = [];
    let at = 0;
    for (const { start, end } of spans) {
      const mask = this.isText === true ? Buffer.from(secretText) : Buffer.alloc(end - start, "*");
      parts.push(bytes.subarray(at, start), mask);
      at = end;
    }
    parts.push(bytes.subarray(at));
    const shown = Buffer.concat(parts);
    // Latin-1 keeps every byte as it is, also of a text that is no UTF-8.
    return this.isText === true
      ? Buffer.from(this.secrets.hideNamed(shown.toString("latin1")), "latin1")
      : shown;
  }
}

function spansOf(form: Buffer, bytes: Buffer): readonly Span[] {
  const spans: Span[] = [];
  for (let start = bytes.indexOf(form); start >= 0; start = bytes.indexOf(form, start + 1)) {
    spans.push({ start, end: start + form.length });
  }
  return spans;
}

/** Spans in order, those that overlap as one: half of a secret is not to be left because the other was part of one too. */
function joined(spans: readonly Span[]): readonly Span[] {
  const whole: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = whole.at(-1);
    if (last === undefined || span.start >= last.end) whole.push(span);
    else whole[whole.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
  }
  return whole;
}
