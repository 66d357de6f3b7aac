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
  body: ReadableStream<Uint8Array>,
  limit: BodyLimit,
): Promise<{ readonly bytes: Uint8Array } | { readonly refusal: Reply }> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      length += chunk.length;
      if (length <= limit.acceptedBytes) chunks.push(chunk);
      else chunks.length = 0;
    }
  } catch (error) {
    // The only reader of this reply is gone; it exists so that a cut-off body can have no effect.
    return { refusal: refused(400, `The body ended early, after ${length} bytes: ${String(error)}`) };
  }
  if (length > limit.acceptedBytes) {
    return {
      refusal: refused(413, `The body has ${length} bytes; accepted are up to ${limit.acceptedBytes}`),
    };
  }
  return { bytes: chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks) };
}
