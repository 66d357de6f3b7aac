/** The peer of what the API server does: the least a server can do on the same runtime. */
import { rm } from "node:fs/promises";
import { join } from "node:path";

/** Something that answers on a socket. */
export interface Target {
  readonly socket: string;
  readonly pid: number;
}

export interface BareServer extends Target {
  end(): Promise<void>;
}

/**
 * Starts one that answers every GET with the same text.
 *
 * @param directory  for its socket and its files
 */
export async function startBareServer(directory: string, answer: string): Promise<BareServer> {
  const socket = join(directory, "peer.sock");
  const answerFile = join(directory, "answer.json");
  await Bun.write(answerFile, answer);
  const command = [process.execPath, join(import.meta.dirname, "peer-server.ts"), socket, answerFile];
  const child = Bun.spawn([...command, join(directory, "committed.json")], {
    // Both servers run as on a host: without the JIT.
    env: { BUN_JSC_useJIT: "0" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const first = await child.stdout.getReader().read();
  if (first.done) throw new Error("the peer server ended before it served");
  const end = async () => {
    child.kill();
    await child.exited;
    await rm(socket, { force: true });
  };
  return { socket, pid: child.pid, end };
}
