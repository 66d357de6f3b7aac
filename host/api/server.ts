/**
 * The API server: HTTP over a Unix socket in front of the routes.
 *
 * It alone writes the store while it runs. It must never serve on a socket that others than owner and group could
 * open, nor let one client hold up another.
 */
import { chmodSync, chownSync, readFileSync, renameSync, unlinkSync } from "node:fs";
import type { Model } from "../settings/index.ts";
import type { OpenStore } from "../store/index.ts";
import { type BodyLimit, readBody } from "./body.ts";
import { type Os, parseOsRelease } from "./os-release.ts";
import { type Effects, perform } from "./perform.ts";
import { type Reply, refused } from "./reply.ts";
import { readTarget } from "./request.ts";
import { decide } from "./routes.ts";
import type { View } from "./view.ts";

/** What a server needs. Paths are absolute. */
export interface ServerOptions {
  readonly socketPath: string;
  /** Numeric group of the socket; `undefined` leaves it. */
  readonly socketGid: number | undefined;
  readonly model: Model;
  readonly store: OpenStore;
  readonly releaseFile: string;
  readonly bootReportFile: string;
  readonly actions: Pick<Effects, "startApplier" | "reboot">;
  /** Told about every reply that is a failure of the server's own. */
  onFailure(text: string): void;
}

const BODY_LIMIT: BodyLimit = { acceptedBytes: 2_097_152 }; // api.md 4.3

// The runtime's own limit, above which it hangs up with a bare 413. Between the two limits the body is read and
// dropped, so that the client gets to read our sentence instead of a broken pipe.
const READ_AND_DROP_BYTES = 64 * 1024 * 1024;

// A head must be complete 10 s after the connection was opened (the runtime's own fixed limit), a body this long
// after its head; the same holds for the pause before the next request on a connection.
const CLIENT_TIMEOUT_SECONDS = 10;

/**
 * Starts serving.
 *
 * @returns a function that stops: running requests are answered, the socket is removed
 * @throws  Error naming the socket when it cannot be made, given away or put in place
 */
export function startServer(options: ServerOptions): { stop(): Promise<void> } {
  const view = viewOf(options);
  const effects: Effects = { store: options.store, ...options.actions };
  const unfinished = `${options.socketPath}.${process.pid}.new`;

  const server = bindPrivately(unfinished, () =>
    Bun.serve({
      unix: unfinished,
      maxRequestBodySize: READ_AND_DROP_BYTES,
      // The types forbid it beside `unix`; the runtime obeys it there as well (tests/api proves it).
      ...({ idleTimeout: CLIENT_TIMEOUT_SECONDS } as object),
      async fetch(request, self) {
        const body = request.body === null ? NO_BODY : await readBody(request.body, BODY_LIMIT);
        if ("refusal" in body) return toResponse(body.refusal);
        // The client has done its part; a slow applier or a slow disk must not look like a slow client.
        self.timeout(request, 0);
        const asked = {
          method: request.method,
          ...readTarget(request.url),
          contentType: request.headers.get("content-type") ?? undefined,
          body: body.bytes,
        };
        const decision = decide(asked, view);
        const reply = decision.kind === "reply" ? decision.reply : await perform(decision, effects);
        if (reply.status >= 500) options.onFailure(`${asked.method} ${asked.path}: ${reply.body}`);
        self.timeout(request, CLIENT_TIMEOUT_SECONDS);
        return toResponse(reply);
      },
      error(error) {
        options.onFailure(`A request failed in an unforeseen way: ${error.stack ?? error.message}`);
        return toResponse(refused(500, `The request failed in an unforeseen way: ${error.message}`));
      },
    }),
  );
  putInPlace(unfinished, options);

  return {
    async stop() {
      await server.stop();
      unlinkIfThere(options.socketPath);
    },
  };
}

const NO_BODY = { bytes: new Uint8Array() } as const;

/** Binds while the umask keeps everybody but the owner out: there is no moment at which the socket is open to others. */
function bindPrivately<T>(path: string, bind: () => T): T {
  unlinkIfThere(path);
  const before = process.umask(0o177);
  try {
    return bind();
  } catch (error) {
    throw new Error(`Cannot create the socket ${path}: ${messageOf(error)}`, { cause: error });
  } finally {
    process.umask(before);
  }
}

/** Group, then mode, then the name: whoever finds the socket finds it finished. A stale file is replaced in the same step. */
function putInPlace(unfinished: string, options: ServerOptions): void {
  try {
    if (options.socketGid !== undefined) chownSync(unfinished, process.getuid?.() ?? 0, options.socketGid);
    chmodSync(unfinished, 0o660);
    renameSync(unfinished, options.socketPath);
  } catch (error) {
    unlinkIfThere(unfinished);
    throw new Error(`Cannot put the socket ${options.socketPath} in place: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function viewOf(options: ServerOptions): View {
  return {
    model: options.model,
    get live() {
      return options.store.live();
    },
    pending: (transaction) => options.store.pending(transaction),
    transactions: () => options.store.transactions(),
    os: () => readOs(options.releaseFile),
    bootReport: () => readIfThere(options.bootReportFile),
  };
}

function readOs(file: string): Os | string {
  try {
    const os = parseOsRelease(readFileSync(file, "utf8"), process.arch === "arm64" ? "aarch64" : "x86_64");
    return typeof os === "string" ? `${file}: ${os}` : os;
  } catch (error) {
    return `${file} cannot be read: ${messageOf(error)}`;
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    // Gone already is what was wanted.
    if (!isMissing(error)) throw error;
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function toResponse(reply: Reply): Response {
  switch (reply.kind) {
    case "empty":
      return new Response(null, { status: reply.status });
    case "json":
      return new Response(reply.body, {
        status: reply.status,
        headers: { "Content-Type": "application/json" },
      });
    case "text":
      return new Response(reply.body, {
        status: reply.status,
        headers: { "Content-Type": "text/plain; charset=utf-8" },
      });
  }
}
