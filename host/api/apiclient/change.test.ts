import { describe, expect, it } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseKey } from "../../settings/index.ts";
import { exampleModel } from "../testing.ts";
import { change } from "./change.ts";
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

  it("does so too when settings are unset", async () => {
    const { requests, error } = await interruptedBy("SIGTERM", "DELETE", unsetMotd);
    expect(requests).toEqual(["DELETE /settings", "DELETE /tx"]);
    expect(error).toBe("Interrupted by SIGTERM: nothing was changed");
  });
});

function changeTwice(socketPath: string): Promise<void> {
  const one = { source: "a test", leaves: new Map([["settings.motd", "x"]]) };
  return change({ socketPath, onStatus() {} }, exampleModel, "test", [one, one]);
}

function unsetMotd(socketPath: string): Promise<void> {
  const parsed = parseKey("settings.motd");
  const silent = { print() {}, info() {}, warn() {} };
  const client = { server: { socketPath, onStatus() {} }, model: async () => exampleModel, ...silent };
  return unset(parsed.ok ? [parsed.key] : [], client);
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
      if (request.method === method) process.emit(signal, signal);
      return new Response("");
    },
  });
  try {
    const error = await act(socketPath).then(
      () => undefined,
      (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
    );
    return { requests, error };
  } finally {
    await server.stop();
    await rm(directory, { recursive: true });
  }
}
