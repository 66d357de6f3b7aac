import { describe, expect, it } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseKey } from "../../settings/index.ts";
import { exampleModel } from "../testing.ts";
import { change } from "./change.ts";
import type { Client } from "./run.ts";
import { unset } from "./unset.ts";

describe("a change that is interrupted", () => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    it(`by ${signal} before its commit deletes its transaction and commits nothing`, async () => {
      const { requests, error } = await interruptedBy(signal, "PATCH", changeTwice);
      expect(requests).toEqual(["PATCH /settings", "DELETE /tx"]);
      expect(error).toBe(`Interrupted by ${signal}: nothing was changed`);
      expect(process.listenerCount(signal)).toBe(0);
    });
  }

  it("does so too in the comparison of a dry run, without waiting for its end", async () => {
    const { requests, error } = await interruptedBy("SIGINT", "GET", dryRun);
    expect(requests).toEqual(["PATCH /settings", "GET /tx/diff", "DELETE /tx"]);
    expect(error).toBe("Interrupted by SIGINT: nothing was changed");
  });

  it("does so too when settings are unset", async () => {
    const { requests, error } = await interruptedBy("SIGTERM", "DELETE", unsetMotd);
    expect(requests).toEqual(["DELETE /settings", "DELETE /tx"]);
    expect(error).toBe("Interrupted by SIGTERM: nothing was changed");
  });
});

function changeTwice(socketPath: string): Promise<void> {
  const one = { source: "a test", leaves: new Map([["settings.motd", "x"]]) };
  return change(clientOf(socketPath), exampleModel, "test", noWait, [one, one]);
}

function unsetMotd(socketPath: string): Promise<void> {
  const parsed = parseKey("settings.motd");
  return unset(parsed.ok ? [parsed.key] : [], noWait, clientOf(socketPath));
}

function dryRun(socketPath: string): Promise<void> {
  const one = { source: "a test", leaves: new Map([["settings.motd", "x"]]) };
  return change(clientOf(socketPath), exampleModel, "test", { kind: "dry-run", output: "text" }, [one]);
}

const noWait = { kind: "change", wait: false, trySeconds: undefined } as const;

function clientOf(socketPath: string): Client {
  const silent = { isTerminal: false, print() {}, write: async () => true, tell() {}, info() {}, warn() {} };
  return { server: { socketPath, onStatus() {} }, model: async () => exampleModel, ...silent };
}

/** Something that is done while a signal comes with the first request of a method. */
async function interruptedBy(
  signal: NodeJS.Signals,
  method: string,
  act: (socketPath: string) => Promise<void>,
): Promise<{ requests: string[]; error: string | undefined }> {
  const directory = await mkdtemp(join(tmpdir(), "pw-"));
  const socketPath = join(directory, "api.sock");
  const requests: string[] = [];
  const server = Bun.serve({
    unix: socketPath,
    fetch(request) {
      requests.push(`${request.method} ${new URL(request.url).pathname}`);
      if (request.method !== method) return new Response("");
      process.emit(signal, signal);
      // Nobody must wait for what only reads.
      return method === "GET" ? new Promise<Response>(() => undefined) : new Response("");
    },
  });
  try {
    const error = await act(socketPath).then(
      () => undefined,
      (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
    );
    return { requests, error };
  } finally {
    await server.stop(true);
    await rm(directory, { recursive: true });
  }
}
