/**
 * Rendering a preview, as a process beside the server: the template engine would stay in the server's memory, and a
 * template that hangs would hold up every client.
 */
import { dirname, join } from "node:path";
import { TooManyPreviews } from "./diff-route.ts";
import { printedBy } from "./printed-by.ts";

const TIMEOUT_MS = 30_000;

// One at a time: each takes as much memory as the server itself, and anybody with access to the API can ask. Those that
// wait hold a whole model each.
let last: Promise<unknown> = Promise.resolve();
let waiting = 0;
const MOST_WAITING = 8;

/**
 * Runs `thar-be-settings --preview`, after the previews that were asked for before.
 *
 * @param input  what it is given on its standard input
 * @returns what it printed
 * @throws  TooManyPreviews; Error when it cannot be started, fails, or does not end in time
 */
export async function printPreview(socketPath: string, input: string): Promise<string> {
  if (waiting >= MOST_WAITING) throw new TooManyPreviews();
  waiting += 1;
  const result = last.then(() => runPreview(socketPath, input));
  // The failure belongs to whoever asked for this preview.
  last = result.catch(() => undefined);
  try {
    return await result;
  } finally {
    waiting -= 1;
  }
}

function runPreview(socketPath: string, input: string): Promise<string> {
  const program = join(dirname(process.execPath), "thar-be-settings");
  const command = [program, "--preview", "--socket-path", socketPath, "--log-level", "error"];
  return printedBy({ name: `${program} --preview`, command, input, timeoutMs: TIMEOUT_MS });
}
