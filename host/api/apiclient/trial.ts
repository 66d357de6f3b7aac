/** apiclient confirm and revert, and what to know when a trial has begun. */
import { request, type Server } from "./requests.ts";

/**
 * Keeps the settings that are on trial, or puts them back.
 *
 * @throws CommandFailed if no trial runs, with how the last one ended, or with what failed
 */
export async function endTrial(server: Server, how: "confirm" | "revert"): Promise<void> {
  const attempt = how === "confirm" ? "keep what is on trial" : "put back what is on trial";
  await request(server, attempt, "POST", `/tx/${how}`);
}

/** What somebody has to know who has put a change on trial, in plain lines. */
export function trialAdvice(seconds: number): string {
  return `The change is on trial for ${seconds} s: then it is put back, unless it is confirmed.
confirm with: apiclient confirm
put back now with: apiclient revert
If it needs a restart of the host: the time begins anew after it. A second restart puts the change back.
`;
}
