/** apiclient logs: prints what the server sends of a log, as it comes. */
import { streamApi } from "../client.ts";
import { WithoutEmptyLines } from "../log-lines.ts";
import { CommandFailed, refusedText } from "./requests.ts";
import type { Client } from "./run.ts";

// The server hangs up on a client that reads nothing for a while, as one does that waits for a pager.
const MOST_AHEAD_BYTES = 64 * 1024 * 1024;

/**
 * Prints until the log, or whoever reads what is printed, has ended.
 *
 * @throws CommandFailed if there is no such log, or if it has ended early
 */
export async function printLogs(uri: string, client: Client): Promise<void> {
  try {
    const answer = await streamApi(client.server.socketPath, uri);
    client.server.onStatus(`${answer.status} ${answer.statusText}`.trim());
    if (answer.status !== 200) {
      throw new CommandFailed(
        refusedText("read the log", "GET", uri, { ...answer, body: await answer.text() }),
      );
    }
    await printPieces(answer.pieces, client);
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandFailed(`Cannot read the log to its end: ${why}`, { cause: error });
  }
}

async function printPieces(pieces: AsyncIterable<Uint8Array>, client: Client): Promise<void> {
  const lines = new WithoutEmptyLines();
  let aheadBytes = 0;
  let hasReader = true;
  let written = Promise.resolve();
  for await (const piece of pieces) {
    const bytes = lines.take(piece);
    aheadBytes += bytes.length;
    written = client.write(bytes).then((taken) => {
      aheadBytes -= bytes.length;
      hasReader &&= taken;
    });
    if (aheadBytes > MOST_AHEAD_BYTES) await written;
    if (!hasReader) return;
  }
  await written;
}
