/** All exec sessions of a server. Loaded when the first is opened: most hosts never have one. */
import type { Server, ServerWebSocket } from "bun";
import { closeCodes, OUTPUT_BYTES, reasonText } from "./messages.ts";
import { type ExecOptions, type Line, Session } from "./session.ts";
import type { ExecLink } from "./web-socket.ts";

// Each is a person or a program at work in a container, and two processes; the reference has no limit.
const MAX_SESSIONS = 64;

// Sent, but not taken by the client: more is read from the process only below this.
const AHEAD_BYTES = 64 * 1024;

export class Sessions {
  private readonly running = new Map<ServerWebSocket<ExecLink>, Session>();

  /** @param onClosed  told when a session is over, which has left litter in the memory */
  constructor(
    private readonly options: ExecOptions,
    private readonly onClosed: () => void,
  ) {}

  /** @returns whether the connection has become a session; if not, the request is to be answered */
  open(request: Request, server: Server<ExecLink>): boolean {
    return isHandshake(request.headers) && server.upgrade(request, { data: { sessions: this } });
  }

  opened(socket: ServerWebSocket<ExecLink>): void {
    if (this.running.size >= MAX_SESSIONS) {
      socket.close(
        closeCodes.full,
        `All ${MAX_SESSIONS} exec sessions of this host are in use; try again later`,
      );
      return;
    }
    this.running.set(socket, new Session(lineOf(socket), this.options));
  }

  of(socket: ServerWebSocket<ExecLink>): Session | undefined {
    return this.running.get(socket);
  }

  drained(socket: ServerWebSocket<ExecLink>): void {
    if (socket.getBufferedAmount() <= AHEAD_BYTES) this.of(socket)?.drained();
  }

  closed(socket: ServerWebSocket<ExecLink>): void {
    this.of(socket)?.closed();
    this.running.delete(socket);
    this.onClosed();
  }

  stop(): void {
    for (const session of this.running.values())
      session.end(closeCodes.stopping, "The API server is stopping");
  }
}

/** Whether the request is a WebSocket handshake (api.md 7.1). */
function isHandshake(headers: Headers): boolean {
  const has = (name: string, word: string) =>
    (headers.get(name) ?? "")
      .toLowerCase()
      .split(/\s*,\s*/)
      .includes(word);
  return (
    has("upgrade", "websocket") &&
    has("connection", "upgrade") &&
    headers.get("sec-websocket-version") === "13" &&
    /^[A-Za-z0-9+/]{22}==$/.test(headers.get("sec-websocket-key") ?? "")
  );
}

function lineOf(socket: ServerWebSocket<ExecLink>): Line {
  return {
    text: (message) => void socket.sendText(message),
    output(bytes) {
      let isBehind = false;
      // Together, which spares the system a call for each. Only a send that says so is followed by `drain`.
      socket.cork(() => {
        for (let at = 0; at < bytes.length; at += OUTPUT_BYTES)
          isBehind = socket.sendBinary(bytes.subarray(at, at + OUTPUT_BYTES)) <= 0 || isBehind;
      });
      return !isBehind;
    },
    ping: () => void socket.ping(),
    close: (code, reason) => socket.close(code, reasonText(reason)),
    drop: () => socket.terminate(),
  };
}
