/** Serves a repository while a machine runs (updates.ts starts it), and writes a line for each request. */
import { isRunning } from "./state.ts";
import { UpdateServer } from "./update-server.ts";
import { tellServing } from "./updates.ts";

const LOOK_MS = 500;

const [place = "", directory = "", port = "", pid = "", pidStartedAt = ""] = process.argv.slice(2);
const machine = { pid: Number(pid), pidStartedAt };

const server = await UpdateServer.start(directory, {
  port: Number(port),
  onRequest({ status, method, path, query }) {
    const asked = query === "" ? path : `${path}?${query}`;
    process.stdout.write(`${new Date().toISOString()} ${status} ${method} ${asked}\n`);
  },
}).catch((error: unknown) => {
  process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
process.stdout.write(`${new Date().toISOString()} serving ${directory}\n`);
await tellServing(place);
while (await isRunning(machine)) await Bun.sleep(LOOK_MS);
await server[Symbol.asyncDispose]();
