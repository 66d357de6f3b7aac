/** Several streams as one. */

/**
 * The chunks of several streams, each as soon as it is there. (`Promise.race` in a loop would keep every chunk for as
 * long as one stream says nothing.)
 *
 * @throws what one of the streams throws, after the chunks that were there before
 */
export async function* merged<Chunk>(streams: readonly AsyncIterable<Chunk>[]) {
  const offered: { readonly chunk: Chunk; taken(): void }[] = [];
  const failed: unknown[] = [];
  let running = streams.length;
  let change = Promise.withResolvers<void>();
  const offer = async (stream: AsyncIterable<Chunk>) => {
    try {
      for await (const chunk of stream) {
        const { promise, resolve } = Promise.withResolvers<void>();
        offered.push({ chunk, taken: resolve });
        change.resolve();
        await promise;
      }
    } catch (cause) {
      failed.push(cause);
    }
    running -= 1;
    change.resolve();
  };
  for (const stream of streams) void offer(stream);
  for (;;) {
    const next = offered.shift();
    if (next !== undefined) {
      yield next.chunk;
      next.taken();
    } else if (failed.length > 0) {
      throw failed[0];
    } else if (running === 0) {
      return;
    } else {
      await change.promise;
      change = Promise.withResolvers();
    }
  }
}
