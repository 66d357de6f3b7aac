/** Requests of the client whose answer must be a success. */
import { messageOf } from "../../linux/failure.ts";
import { type Answer, callApi } from "../client.ts";

/** Why a command failed, in one text for people. Ends the program with exit code 1. */
export class CommandFailed extends Error {}

/** The server that a command talks to. */
export interface Server {
  readonly socketPath: string;
  /** Told the status of every answer (shown at level debug). */
  onStatus(text: string): void;
  /** Told what an answer of success says besides its body. */
  onRemark?(text: string): void;
}

/**
 * Sends one request.
 *
 * @param attempt  what is attempted, as the words after "cannot": `read settings`
 * @returns the body of a 2xx answer
 * @throws CommandFailed with the attempt, method, URI, status and body of any other answer (api.md 8.1)
 */
export async function request(...of: Parameters<typeof requestAnswer>): Promise<string> {
  return (await requestAnswer(...of)).body;
}

/** The same, with the whole of a 2xx answer. */
export async function requestAnswer(...of: Parameters<typeof anyAnswer>): Promise<Answer> {
  const [, attempt, method, uri] = of;
  const answer = await anyAnswer(...of);
  if (isSuccess(answer)) return answer;
  throw new CommandFailed(refusedText(attempt, method, uri, answer));
}

/**
 * The same, with an answer of any status.
 *
 * @throws CommandFailed when there is none
 */
export async function anyAnswer(
  server: Server,
  attempt: string,
  method: string,
  uri: string,
  body?: string,
): Promise<Answer> {
  const answer = await callApi(server.socketPath, method, uri, body).catch((error: unknown) => {
    throw new CommandFailed(`Cannot ${attempt}: ${messageOf(error)}`, {
      cause: error,
    });
  });
  server.onStatus(`${answer.status} ${answer.statusText}`.trim());
  if (isSuccess(answer) && answer.remark !== undefined) server.onRemark?.(answer.remark);
  return answer;
}

export const isSuccess = ({ status }: Answer): boolean => status >= 200 && status < 300;

/** What is said of an answer that is no success. */
export function refusedText(
  attempt: string,
  method: string,
  uri: string,
  answer: Pick<Answer, "status" | "statusText" | "body">,
): string {
  const status = `${answer.status} ${answer.statusText}`.trim();
  const text = answer.body === "" ? "" : `: ${answer.body}`;
  return `Cannot ${attempt}: ${method} ${uri} was answered with ${status}${text}`;
}
