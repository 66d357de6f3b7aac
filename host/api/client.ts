/** One request to the API server over its Unix socket. */
import { accessSync, constants, statSync } from "node:fs";
import { messageOf } from "../linux/failure.ts";
import { commandHeader, commitHeader, remarkHeader } from "./reply.ts";

/** An answer of the server, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly body: string;
  /** What the server says besides a body that is for programs. */
  readonly remark?: string;
  /** The id under which the outcome of what was asked can be read. */
  readonly commit?: string;
  /** The id under which the end of an update command can be read. */
  readonly command?: string;
}

/** The server could not be reached, or hung up before it had answered. */
export class Unreachable extends Error {}

/**
 * Sends one request and waits for its answer as long as it takes (api.md 8.1: no timeout, no retry).
 *
 * @param uri   path and query; characters that may not stand in a URI are percent-encoded
 * @param body  text, sent as JSON
 * @throws Unreachable with socket, cause and what to do
 */
export async function callApi(
  socketPath: string,
  method: string,
  uri: string,
  body?: string,
): Promise<Answer> {
  try {
    const response = await send(socketPath, method, uri, body);
    const { status, statusText, headers } = response;
    const remark = headers.get(remarkHeader);
    const commit = headers.get(commitHeader);
    const command = headers.get(commandHeader);
    return {
      status,
      statusText,
      body: await response.text(),
      ...(remark === null ? {} : { remark }),
      ...(commit === null ? {} : { commit }),
      ...(command === null ? {} : { command }),
    };
  } catch (error) {
    throw unreachable(socketPath, error);
  }
}

/** An answer that comes in pieces, for as long as the server pleases. */
export interface StreamedAnswer extends Pick<Answer, "status" | "statusText"> {
  readonly pieces: AsyncIterable<Uint8Array>;
  /** All pieces, for an answer that is short. */
  text(): Promise<string>;
}

/**
 * Sends one GET and does not wait for the end of its answer. What is not read yet holds the server up.
 *
 * @throws Unreachable with socket, cause and what to do
 */
export async function streamApi(socketPath: string, uri: string): Promise<StreamedAnswer> {
  try {
    const response = await send(socketPath, "GET", uri);
    const { status, statusText } = response;
    const pieces: AsyncIterable<Uint8Array> = response.body ?? new Blob([]).stream();
    return { status, statusText, pieces, text: () => response.text() };
  } catch (error) {
    throw unreachable(socketPath, error);
  }
}

function send(socketPath: string, method: string, uri: string, body?: string): Promise<Response> {
  // A client that starts with /// or with a scheme would otherwise have its first part taken for a host name.
  const url = `http://localhost${uri.startsWith("/") ? uri : `/${uri}`}`;
  return fetch(url, {
    unix: socketPath,
    method,
    headers: { "Content-Type": "application/json" },
    redirect: "manual",
    timeout: false,
    ...(body === undefined || body === "" ? {} : { body }),
  } as RequestInit);
}

const unreachable = (socketPath: string, error: unknown): Unreachable =>
  new Unreachable(`cannot reach the API server at ${socketPath}: ${whyUnreachable(socketPath, error)}`, {
    cause: error,
  });

/** The runtime names no cause for a refused socket, so the socket itself is asked. */
export function whyUnreachable(socketPath: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const message = messageOf(error);
  try {
    if (!statSync(socketPath).isSocket()) return "this file is not a socket";
    accessSync(socketPath, constants.R_OK | constants.W_OK);
  } catch (found) {
    const reason = found instanceof Error && "code" in found ? found.code : undefined;
    if (reason === "ENOENT") return "no such file (is apiserver running?)";
    if (reason === "EACCES" || reason === "EPERM")
      return "permission denied (only root and the group api may use it)";
    if (reason === "ENOTDIR") return "a part of this path is not a directory";
    return messageOf(found);
  }
  if (code === "ECONNREFUSED" || code === "FailedToOpenSocket" || code === "ENOENT") {
    return "connection refused: nobody serves this socket any more (is apiserver running?)";
  }
  return code === "" || message.startsWith(code) ? message : `${message} (${code})`;
}
