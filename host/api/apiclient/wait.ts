/** Waiting until a change is applied, and showing how it went. Ending the waiting does not end the applying. */
import type { AppliedCommit } from "../../settings/index.ts";
import { callApi, Unreachable } from "../client.ts";
import { failureLine, outcomeLines } from "./outcome-text.ts";
import { CommandFailed } from "./requests.ts";
import type { Client } from "./run.ts";

const POLL_MS = 100;
// A restart command may take five minutes; what takes longer than this is not waited for.
const PATIENCE_MS = 10 * 60 * 1000;
// The change may restart the server, which systemd does within seconds.
const SERVER_PATIENCE_MS = 30 * 1000;
const TELL_AFTER_MS = 2000;

/**
 * Waits for the outcome of a commit and shows it.
 *
 * @throws CommandFailed if not everything could be applied, or if that is not known: after ten minutes, on Ctrl-C, or
 *   when the server does not tell any more
 */
export async function waitUntilApplied(client: Client, id: string): Promise<void> {
  const interrupt = Promise.withResolvers<void>();
  let interrupted = false;
  const onInterrupt = () => {
    interrupted = true;
    interrupt.resolve();
  };
  process.once("SIGINT", onInterrupt);
  const uri = `/tx/applied?id=${id}`;
  const startMs = performance.now();
  let answeredMs = startMs;
  let hasTold = false;
  try {
    for (;;) {
      const commit = await Promise.race([ask(client, uri), interrupt.promise]);
      const nowMs = performance.now();
      if (commit !== undefined) {
        answeredMs = nowMs;
        if (commit.state === "done" || commit.state === "failed") return tell(client, commit);
        if (!hasTold && nowMs - startMs > TELL_AFTER_MS) {
          hasTold = true;
          client.tell(
            commit.state === "waiting" ? "waiting for another change to be applied\n" : "applying\n",
          );
        }
      }
      if (interrupted) throw goesOn("Interrupted", uri);
      if (nowMs - answeredMs > SERVER_PATIENCE_MS) throw goesOn("The server has gone away", uri);
      if (nowMs - startMs > PATIENCE_MS)
        throw goesOn(`Not applied after ${PATIENCE_MS / 60_000} minutes`, uri);
      await Promise.race([Bun.sleep(POLL_MS), interrupt.promise]);
    }
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}

/** @returns the commit; undefined if the server is not there just now */
async function ask(client: Client, uri: string): Promise<AppliedCommit | undefined> {
  const answer = await callApi(client.server.socketPath, "GET", uri).catch((error: unknown) => {
    if (error instanceof Unreachable) return undefined;
    throw error;
  });
  if (answer === undefined) return undefined;
  client.server.onStatus(`${answer.status} ${answer.statusText}`.trim());
  if (answer.status !== 200) {
    throw new CommandFailed(
      `The settings are committed, but what became of them is not known: GET ${uri} was answered with ${answer.status}: ${answer.body}`,
    );
  }
  // The server's own reply, whose shape is part of the API.
  const { commits } = JSON.parse(answer.body) as { readonly commits: readonly AppliedCommit[] };
  return commits[0];
}

function tell(client: Client, commit: AppliedCommit): void {
  for (const line of outcomeLines(commit)) client.tell(`${line}\n`);
  if (commit.state === "done") return;
  const failures = commit.failures.map((failure) => `\n  ${failureLine(failure)}`).join("");
  throw new CommandFailed(`The settings are committed, but not everything could be applied:${failures}`);
}

const goesOn = (why: string, uri: string): CommandFailed =>
  new CommandFailed(
    `${why}: the settings are committed, and applying them goes on; apiclient get '${uri}' shows how it went`,
  );
