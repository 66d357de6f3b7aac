import { describe, expect, it } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exampleModel } from "../testing.ts";
import { change } from "./change.ts";

describe("a change that is interrupted", () => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    it(`by ${signal} before its commit deletes its transaction and commits nothing`, async () => {
      const { requests, error } = await changeInterruptedBy(signal);
      expect(requests).toEqual(["PATCH /settings", "DELETE /tx"]);
      expect(error).toBe(`Interrupted by ${signal}: nothing was changed`);
      expect(process.listenerCount(signal)).toBe(0);
    });
  }
});

/** Two changes, and a signal while the first of them is stored. */
async function changeInterruptedBy(
  signal: NodeJS.Signals,
): Promise<{ requests: string[]; error: string | undefined }> {
  const directory = await mkdtemp(join(tmpdir(), "pw-"));
  const socketPath = join(directory, "api.sock");
  const requests: string[] = [];
  const server = Bun.serve({
    unix: socketPath,
    fetch(request) {
      requests.push(`${request.method} ${new URL(request.url).pathname}`);
      if (request.method === "PATCH") process.emit(signal, signal);
      return new Response(null, { status: 204 });
    },
  });
  const one = { source: "a test", leaves: new Map([["settings.motd", "x"]]) };
  try {
    const error = await change({ socketPath, onStatus() {} }, exampleModel, "test", [one, one]).then(
      () => undefined,
      (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
    );
    return { requests, error };
  } finally {
    await server.stop();
    await rm(directory, { recursive: true });
  }
}
