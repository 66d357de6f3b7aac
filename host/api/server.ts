/**
 * The API server: HTTP over a Unix socket in front of the routes.
 *
 * It alone writes the store while it runs. It must never serve on a socket that others than owner and group could
 * open, nor let one client hold up another.
 */
import { ACCEPTED_BYTES, BodyBudget, readAndDrop, readBody } from "./body.ts";
import type { ExecOptions } from "./exec/session.ts";
import type { Sessions } from "./exec/sessions.ts";
import { type ExecLink, execSockets } from "./exec/web-socket.ts";
import { type ViewSources, viewOf } from "./host-view.ts";
import { LogStreams } from "./log-streams.ts";
import { type Effects, perform } from "./perform.ts";
import { commandHeader, commitHeader, type Reply, refused, remarkHeader } from "./reply.ts";
import { readTarget } from "./request.ts";
import { decide, takesBody } from "./routes.ts";
import { placeSocket, unlinkIfThere } from "./socket.ts";
import { TrialWatch } from "./trial-watch.ts";

/** What a server needs. */
export interface ServerOptions extends ViewSources {
  /** Absolute. */
  readonly socketPath: string;
  /** Numeric group of the socket; `undefined` leaves it. */
  readonly socketGid: number | undefined;
  readonly actions: Omit<Effects, "store" | "trials">;
  readonly exec: ExecOptions;
  /** Told about every reply that is a failure of the server's own. */
  onFailure(text: string): void;
  /** Told what the server has done by itself. */
  onNotice(text: string): void;
}

// Of all bodies together: slow clients may each keep one for as long as they please to send it.
const BODIES_BYTES = 64 * 1024 * 1024;

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
  const litter = new Litter();
  const limit = { acceptedBytes: ACCEPTED_BYTES, all: new BodyBudget(BODIES_BYTES) };
  const { store, clock, actions, onNotice, onFailure } = options;
  const trials = new TrialWatch({ store, clock, startApplier: actions.startApplier, onNotice, onFailure });
  const effects: Effects = { store, trials, ...actions };
  const logs = new LogStreams(onFailure);

  let sessions: Sessions | undefined;
  const openExec = async (request: Request, server: Bun.Server<ExecLink>): Promise<boolean> => {
    // Loaded with the first session: the others need not pay for it, in memory or at start.
    const { Sessions } = await import("./exec/sessions.ts");
    sessions ??= new Sessions(options.exec, () => litter.more(SOME));
    return sessions.open(request, server);
  };

  // Without a wait between request and response where nothing has to be waited for: reads are most of the requests.
  const answer = (
    request: Request,
    server: Bun.Server<ExecLink>,
    body: Uint8Array,
  ): Response | Promise<Response | undefined> => {
    const { path, query } = readTarget(request.url);
    // Looking at one header makes the runtime build them all, and no read is decided by a header.
    const contentType =
      request.method === "GET" ? undefined : (request.headers.get("content-type") ?? undefined);
    const decision = decide({ method: request.method, path, query, contentType, body }, view);
    const finish = (reply: Reply): Response => {
      if (reply.status >= 500) options.onFailure(`${request.method} ${path}: ${reply.body}`);
      return toResponse(reply);
    };
    if (decision.kind === "reply") return finish(decision.reply);
    // The client has done its part: a slow disk or a slow applier must not be taken for a slow client.
    server.timeout(request, 0);
    if (decision.kind === "logs") {
      return logs
        .open(decision.query, request.signal)
        .then((opened) =>
          opened instanceof ReadableStream ? new Response(opened, LOG_HEADERS) : finish(opened),
        );
    }
    const performed = () =>
      perform(decision, effects).then((reply) => {
        server.timeout(request, CLIENT_TIMEOUT_SECONDS);
        return finish(reply);
      });
    if (decision.kind !== "exec") return performed();
    // No response, where the connection speaks another protocol from here on.
    return openExec(request, server).then((opened) => (opened ? undefined : performed()));
  };

  const change = async (request: Request, server: Bun.Server<ExecLink>): Promise<Response | undefined> => {
    // What is sent to a path that is not there, or that takes nothing, does not matter (api.md 5.1).
    if (!takesBody(request.method, readTarget(request.url).path)) {
      const cutOff = await readAndDrop(request);
      return cutOff === undefined ? answer(request, server, NO_BYTES) : toResponse(cutOff);
    }
    const body = await readBody(request, limit);
    if ("refusal" in body) return toResponse(body.refusal);
    try {
      return await answer(request, server, body.bytes);
    } finally {
      body.done();
    }
  };

  const server = placeSocket(options.socketPath, options.socketGid, (unix) =>
    Bun.serve<ExecLink>({
      unix,
      websocket: execSockets,
      maxRequestBodySize: READ_AND_DROP_BYTES,
      // The types forbid it beside `unix`; the runtime obeys it there as well (tests/api proves it).
      ...({ idleTimeout: CLIENT_TIMEOUT_SECONDS } as object),
      fetch(request, self) {
        litter.more(request.method === "GET" ? 1 : WRITE);
        if (request.method === "GET") return answer(request, self, NO_BYTES);
        return change(request, self);
      },
      error(error) {
        options.onFailure(`A request failed in an unforeseen way: ${error.stack ?? error.message}`);
        return toResponse(refused(500, `The request failed in an unforeseen way: ${error.message}`));
      },
    }),
  );

  // Every failure in it is told; the first requests need not wait for it.
  void trials.begin();
  return {
    async stop() {
      trials.stop();
      // One that follows the journal would never be answered to its end.
      logs.stop();
      sessions?.stop();
      await server.stop();
      unlinkIfThere(options.socketPath);
    },
  };
}

/**
 * Gives back the memory that requests leave, once they pause; the runtime itself would keep it until its own, much
 * higher limits. Measured with 10,000 reads: 47 to 48 MB resident at their end, 44.9 MB after the pause. Not in the
 * middle of a load: each collection holds up all clients that wait, and with 64 of them two collections among 10,000
 * requests are more than one request in a hundred (p99 6 to 10 ms instead of 9 to 13 ms, 2 cores shared with others).
 */
class Litter {
  private pieces = 0;
  private timer: Timer | undefined;

  /** @param pieces  how much a request leaves, a read being one */
  more(pieces: number): void {
    this.pieces += pieces;
    if (this.pieces >= SOME) this.timer ??= this.collectAfterPause(this.pieces);
  }

  private collectAfterPause(before: number): Timer {
    return setTimeout(() => {
      if (this.pieces > before && this.pieces < MUCH) {
        this.timer = this.collectAfterPause(this.pieces);
        return;
      }
      this.timer = undefined;
      this.pieces = 0;
      Bun.gc(true);
      Bun.shrink();
    }, PAUSE_MS);
  }
}

const SOME = 200; // less is not worth collecting
const PAUSE_MS = 200; // without a request
const MUCH = 50_000; // pieces after which no pause is waited for: clients that never pause must not fill the memory
const WRITE = 10; // pieces that a change leaves: measured as memory, beside a read

const NO_BYTES = new Uint8Array();
const LOG_HEADERS = { headers: { "Content-Type": "text/plain; charset=utf-8" } };
const JSON_HEADERS = { headers: { "Content-Type": "application/json" } };

function toResponse(reply: Reply): Response {
  switch (reply.kind) {
    case "empty":
      return new Response(null, { status: reply.status, headers: ownHeaders(reply) });
    case "json":
      // 200 is the only status with JSON; one shared object keeps a read cheap.
      if (reply.remark === undefined && reply.commit === undefined)
        return new Response(reply.body, JSON_HEADERS);
      return new Response(reply.body, { headers: { ...JSON_HEADERS.headers, ...ownHeaders(reply) } });
    case "text":
      return new Response(reply.body, {
        status: reply.status,
        headers: { "Content-Type": "text/plain; charset=utf-8", ...ownHeaders(reply) },
      });
  }
}

/** The headers that the reference does not have. */
function ownHeaders({ code, remark, commit, command }: Reply): Record<string, string> {
  return {
    ...(code === undefined ? {} : { "Pinwheel-Error": code }),
    ...(remark === undefined ? {} : { [remarkHeader]: remark.replace(/[^ -~]+/g, " ") }),
    ...(commit === undefined ? {} : { [commitHeader]: commit }),
    ...(command === undefined ? {} : { [commandHeader]: command }),
  };
}
