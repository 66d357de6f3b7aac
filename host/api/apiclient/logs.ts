/** apiclient logs: prints what the server sends of a log, as it comes. */
import { streamApi } from "../client.ts";
import { CommandFailed, refusedText } from "./requests.ts";
import type { Client } from "./run.ts";

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
    for await (const bytes of answer.pieces) if (!(await client.write(bytes))) return;
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandFailed(`Cannot read the log to its end: ${why}`, { cause: error });
  }
}
