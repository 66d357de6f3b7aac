/** Reading request bodies with a bound on what is kept: of each one, and of all that are on their way together. */
import { type Reply, refused } from "./reply.ts";

/** The length of a body that is accepted (api.md 4.3). */
export const ACCEPTED_BYTES = 2_097_152;

/** How much of a body is accepted, and how much of all of them. */
export interface BodyLimit {
  readonly acceptedBytes: number;
  readonly all: BodyBudget;
}

/** Bytes that the bodies which are being read and decided on may take together. */
export class BodyBudget {
  private taken = 0;

  constructor(readonly bytes: number) {}

  /** @returns whether there was so much left */
  take(bytes: number): boolean {
    if (this.taken + bytes > this.bytes) return false;
    this.taken += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.taken -= bytes;
  }
}

/** A body, or the reply to send instead; `done` is to be called once the bytes are not needed any more. */
export type Body = { readonly bytes: Uint8Array; done(): void } | { readonly refusal: Reply };

// Counted as soon as it is announced, because reading it in one piece is cheaper. Of a longer one only what has come:
// clients that announce much and send nothing must not keep others from sending.
const SMALL_BYTES = 64 * 1024;

/**
 * Reads a body; of one that is too long, or for which there is no room, everything is read but nothing kept.
 *
 * @returns the bytes, or the reply to send: 413 with both sizes, 503 while too many others are on their way, 400
 *   when the client went away in the middle
 */
export async function readBody(request: Request, limit: BodyLimit): Promise<Body> {
  const announced = Number(request.headers.get("content-length") ?? Number.NaN);
  try {
    return await (announced <= Math.min(SMALL_BYTES, limit.acceptedBytes)
      ? readSmall(request, announced, limit)
      : readInPieces(request, limit));
  } catch (error) {
    // The only reader of this reply is gone; it exists so that a cut-off body can have no effect.
    return { refusal: endedEarly(error) };
  }
}

/**
 * Reads a body that nobody wants, so that the client gets to read the reply instead of a broken pipe.
 *
 * @returns the reply to send when the client went away in the middle
 */
export async function readAndDrop(request: Request): Promise<Reply | undefined> {
  try {
    for await (const _ of request.body ?? []);
    return undefined;
  } catch (error) {
    return endedEarly(error);
  }
}

const endedEarly = (error: unknown): Reply => refused(400, `The body ended early: ${String(error)}`);

async function readSmall(request: Request, announced: number, { all }: BodyLimit): Promise<Body> {
  if (!all.take(announced)) {
    await readAndDrop(request);
    return { refusal: noRoom(all) };
  }
  try {
    return { bytes: await request.bytes(), done: () => all.giveBack(announced) };
  } catch (error) {
    all.giveBack(announced);
    throw error;
  }
}

async function readInPieces(request: Request, { acceptedBytes, all }: BodyLimit): Promise<Body> {
  const chunks: Uint8Array[] = [];
  let kept = 0;
  let length = 0;
  let hasRoom = true;
  const drop = () => {
    chunks.length = 0;
    all.giveBack(kept);
    kept = 0;
  };
  try {
    for await (const chunk of request.body ?? []) {
      length += chunk.length;
      hasRoom &&= length > acceptedBytes || all.take(chunk.length);
      if (hasRoom && length <= acceptedBytes) {
        chunks.push(chunk);
        kept += chunk.length;
      } else drop();
    }
  } catch (error) {
    drop();
    throw error;
  }
  if (length > acceptedBytes) {
    return { refusal: refused(413, `The body has ${length} bytes; accepted are up to ${acceptedBytes}`) };
  }
  if (!hasRoom) return { refusal: noRoom(all) };
  return { bytes: Buffer.concat(chunks), done: drop };
}

const noRoom = ({ bytes }: BodyBudget): Reply =>
  refused(503, `Bodies of ${bytes} bytes together are on their way already; send this one again later`);
