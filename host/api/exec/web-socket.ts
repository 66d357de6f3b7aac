/** Hands what comes over a WebSocket to the sessions; the only part of exec that a server has loaded from the start. */
import type { WebSocketHandler } from "bun";
import type { Sessions } from "./sessions.ts";

/** What a connection is bound to. */
export interface ExecLink {
  readonly sessions: Sessions;
}

const FRAME_BYTES = 65_536; // the largest payload that is accepted (api.md 7.2)

/**
 * The runtime deals with frames: it answers pings and closes, and ends a connection after a frame that is too long or not
 * as the protocol says. It puts the fragments of a message together, up to the limit of a frame, and does not tell: a
 * client that sends fragments is served, where the reference closes with 1003 (api.md 7.2). Refusing them would need the
 * bare connection, which the runtime gives only to the HTTP server of its Node layer.
 */
export const execSockets: WebSocketHandler<ExecLink> = {
  maxPayloadLength: FRAME_BYTES,
  perMessageDeflate: false,
  // The session has a heartbeat of its own, and never sends more than a little ahead of the client.
  idleTimeout: 0,
  sendPings: false,
  open: (socket) => socket.data.sessions.opened(socket),
  message(socket, message) {
    const session = socket.data.sessions.of(socket);
    if (typeof message === "string") session?.control(message);
    else session?.binary(message);
  },
  ping: (socket) => socket.data.sessions.of(socket)?.alive(),
  pong: (socket) => socket.data.sessions.of(socket)?.alive(),
  drain: (socket) => socket.data.sessions.drained(socket),
  close: (socket) => socket.data.sessions.closed(socket),
};
