/** Reading a request body with a bound on what is kept. */
import { type Reply, refused } from "./reply.ts";

/** How much of a body is accepted. */
export interface BodyLimit {
  readonly acceptedBytes: number;
}

/**
 * Reads a body; of one that is too long everything is read but nothing kept.
 *
 * @returns the bytes, or the reply to send: 413 with both sizes, 400 when the client went away in the middle
 */
export async function readBody(
  request: Request,
  limit: BodyLimit,
): Promise<{ readonly bytes: Uint8Array } | { readonly refusal: Reply }> {
  let length = 0;
  try {
    // The usual case without the machinery of streams, which costs time and memory.
    const announced = Number(request.headers.get("content-length") ?? Number.NaN);
    if (announced <= limit.acceptedBytes) return { bytes: await request.bytes() };

    const chunks: Uint8Array[] = [];
    for await (const chunk of request.body ?? []) {
      length += chunk.length;
      if (length <= limit.acceptedBytes) chunks.push(chunk);
      else chunks.length = 0;
    }
    if (length <= limit.acceptedBytes) return { bytes: Buffer.concat(chunks) };
  } catch (error) {
    // The only reader of this reply is gone; it exists so that a cut-off body can have no effect.
    return { refusal: refused(400, `The body ended early: ${String(error)}`) };
  }
  return { refusal: refused(413, `The body has ${length} bytes; accepted are up to ${limit.acceptedBytes}`) };
}
