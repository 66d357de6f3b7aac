/**
 * One update action, and waiting for its end (specification "updates" 10). The host does the work whether or not
 * anybody waits.
 *
 * Our server names each command, so its end is told from that of another client's, and as long as it says that the
 * command runs there is no doubt. A server of the reference knows the last command only, by its time, and is asked as
 * the reference's client does.
 */
import type {
  CommandName,
  CommandResult,
  UpdateProgress,
  UpdateStatus,
} from "../../update/dispatcher/index.ts";
import { type Answer, callApi, Unreachable } from "../client.ts";
import { ProgressShown } from "./progress-shown.ts";
import { anyAnswer, CommandFailed, isSuccess, refusedText, requestAnswer } from "./requests.ts";
import type { Client } from "./run.ts";

interface Action {
  readonly uri: string;
  /** As the words after "cannot". */
  readonly attempt: string;
  readonly intervalMs: number;
  /** Of a server that knows the last command only. */
  readonly attempts: number;
  /** How long a command may run without any progress. */
  readonly patienceMs: number;
}

const actions: Readonly<Record<CommandName, Action>> = {
  refresh: {
    uri: "/actions/refresh-updates",
    attempt: "look for updates",
    intervalMs: 100,
    attempts: 100,
    // updog itself tries a slow or absent repository several times.
    patienceMs: 5 * 60_000,
  },
  prepare: {
    uri: "/actions/prepare-update",
    attempt: "write the update",
    intervalMs: 500,
    attempts: 1200,
    patienceMs: 10 * 60_000,
  },
  activate: {
    uri: "/actions/activate-update",
    attempt: "activate the update",
    intervalMs: 100,
    attempts: 50,
    patienceMs: 60_000,
  },
  deactivate: {
    uri: "/actions/deactivate-update",
    attempt: "cancel the update",
    intervalMs: 100,
    attempts: 50,
    patienceMs: 60_000,
  },
};

/** After so many answers that are none, nobody knows how the command ended. */
const MOST_FAILURES = 5;

/** Something else may have the server restarted, which takes it seconds. */
const SERVER_PATIENCE_MS = 30_000;

/** Time, for tests. */
export interface Pace {
  sleep(ms: number): Promise<void>;
  nowMs(): number;
}

const realPace: Pace = { sleep: (ms) => Bun.sleep(ms), nowMs: () => performance.now() };

/** The end of a command that went well. */
export interface Done {
  readonly result: CommandResult;
  /** The status document, as text. */
  readonly statusText: string;
  /** Of our own server. */
  readonly progress?: UpdateProgress;
}

/**
 * Has a command done and waits for its end.
 *
 * @throws CommandFailed if it is refused, fails, or nobody knows how it ended
 */
export async function updateAction(
  client: Client,
  command: CommandName,
  query = "",
  pace: Pace = realPace,
): Promise<Done> {
  const action = actions[command];
  const before = await lastTimestamp(client);
  const { command: id } = await requestAnswer(client.server, action.attempt, "POST", `${action.uri}${query}`);
  const done =
    id === undefined
      ? await waitForTimestamp(client, command, before, pace)
      : await waitForId(client, command, id, pace);
  const { cmd_status: status, exit_status: exit, stderr } = done.result;
  if (status === "Success") return done;
  const said = stderr === null || stderr.trim() === "" ? "" : `: ${stderr.trim()}`;
  throw new CommandFailed(
    `The update command ${command} ended as ${status}, exit status ${exit ?? "unknown"}${said}`,
  );
}

/** When the last command ended; undefined if none has. A command that runs is a failure before anything is asked. */
async function lastTimestamp(client: Client): Promise<string | undefined> {
  const answer = await anyAnswer(client.server, "read the update status", "GET", "/updates/status");
  if (answer.status === 404) return undefined;
  if (!isSuccess(answer))
    throw new CommandFailed(refusedText("read the update status", "GET", "/updates/status", answer));
  return parsed<UpdateStatus>(answer)?.most_recent_command?.timestamp;
}

async function waitForTimestamp(
  client: Client,
  command: CommandName,
  before: string | undefined,
  pace: Pace,
): Promise<Done> {
  const { intervalMs, attempts } = actions[command];
  const shown = new ProgressShown(client, pace.nowMs());
  let failures = 0;
  for (let attempt = 1; attempt < attempts; attempt++) {
    await pace.sleep(intervalMs);
    const answer = await ask(client, "/updates/status");
    const status = answer?.status === 200 ? parsed<UpdateStatus>(answer) : undefined;
    const result = status?.most_recent_command;
    if (answer !== undefined && result?.cmd_type === command && result.timestamp !== before) {
      return { result, statusText: answer.body };
    }
    // 423: it runs.
    if (answer?.status !== 423 && status === undefined) {
      failures += 1;
      client.warn(`Cannot read the update status (${failures} of ${MOST_FAILURES}): ${whyNot(answer)}`);
      if (failures >= MOST_FAILURES) throw unsure(command, `the status could not be read ${failures} times`);
    }
    shown.waiting(command, pace.nowMs(), ((attempts - attempt) * intervalMs) / 1000);
  }
  throw unsure(command, `it had not ended after ${Math.round((attempts * intervalMs) / 1000)} s`);
}

async function waitForId(client: Client, command: CommandName, id: string, pace: Pace): Promise<Done> {
  const { intervalMs, patienceMs } = actions[command];
  const shown = new ProgressShown(client, pace.nowMs());
  let failures = 0;
  let answeredMs = pace.nowMs();
  let movedMs = answeredMs;
  let moved = "";
  try {
    for (;;) {
      const answer = await ask(client, "/updates/progress");
      const nowMs = pace.nowMs();
      const progress = answer?.status === 200 ? parsed<UpdateProgress>(answer) : undefined;
      if (answer === undefined && nowMs - answeredMs > SERVER_PATIENCE_MS)
        throw unsure(command, "the server has gone away");
      if (answer !== undefined) answeredMs = nowMs;
      const result = progress?.finished.find((one) => one.id === id)?.result;
      if (result !== undefined && progress !== undefined) {
        return { result, statusText: JSON.stringify(progress.status), progress };
      }
      const running = progress?.running?.id === id ? progress.running : undefined;
      if (running === undefined && answer !== undefined) {
        failures += 1;
        if (failures >= MOST_FAILURES)
          throw unsure(command, `the server knows nothing of it: ${whyNot(answer)}`);
      }
      if (running !== undefined) {
        const { image, done } = running.progress ?? { image: "", done: 0 };
        if (moved !== `${image} ${done}`) movedMs = nowMs;
        moved = `${image} ${done}`;
        shown.running(running, nowMs);
      }
      const patienceLeftMs = patienceMs - (nowMs - movedMs);
      if (patienceLeftMs < 0) throw unsure(command, `nothing has moved for ${patienceMs / 60_000} minutes`);
      await pace.sleep(intervalMs);
    }
  } finally {
    shown.end();
  }
}

/** @returns undefined if the server is not there just now */
async function ask(client: Client, uri: string): Promise<Answer | undefined> {
  const answer = await callApi(client.server.socketPath, "GET", uri).catch((error: unknown) => {
    if (error instanceof Unreachable) return undefined;
    throw error;
  });
  if (answer !== undefined) client.server.onStatus(`${answer.status} ${answer.statusText}`.trim());
  return answer;
}

/** A reply of the server's own, whose shape is part of the API; undefined if it is not even JSON. */
function parsed<T extends object>({ body }: Answer): T | undefined {
  try {
    return JSON.parse(body) as T;
  } catch {
    // Some other server's: whoever asked treats it as no answer.
    return undefined;
  }
}

const whyNot = (answer: Answer | undefined): string =>
  answer === undefined ? "the server cannot be reached" : `${answer.status} ${answer.body}`.trim();

const unsure = (command: CommandName, why: string): CommandFailed =>
  new CommandFailed(
    `Unsure of the result of the update command ${command}: ${why}. It may still go on; see apiclient update status`,
  );
