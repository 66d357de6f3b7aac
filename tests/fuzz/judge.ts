/** What is a mistake of the server in what came of a request. */
import type { Outcome } from "./exchange.ts";
import type { Attempt } from "./requests.ts";

/** The answers of HTTP itself to what is not HTTP as this server speaks it. */
const PROTOCOL_ANSWERS: readonly number[] = [501, 505];
const NO_ROOM = /^Bodies of \d+ bytes together are on their way already/;

/** What is wrong with what came of an attempt, if anything. */
export function problemOf(attempt: Attempt, { replies, ended }: Outcome): string | undefined {
  const wellFormed = attempt.replies !== undefined;
  for (const { status, body } of replies) {
    const right = status < 500 || (status === 503 && NO_ROOM.test(body));
    if (!right && (wellFormed || !PROTOCOL_ANSWERS.includes(status))) return `status ${status}: ${body}`;
    if (status === 200 && wellFormed && !isJson(body)) return `status 200 without JSON: ${body}`;
  }
  if (ended === "timed out") return "not answered in time";
  if (wellFormed && ended === "hung up") return `${replies.length} replies, not ${attempt.replies}`;
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // The only way it fails.
    return false;
  }
}
