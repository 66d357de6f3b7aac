/** apiclient update: look for an update, take it, take it back, and tell how it stands (specification "updates" 10). */
import type { Json } from "../../settings/index.ts";
import type { UpdateProgress, UpdateStatus } from "../../update/dispatcher/index.ts";
import { sortedDeep } from "../sorted.ts";
import { CommandFailed, request } from "./requests.ts";
import type { Client } from "./run.ts";
import { refusedLine, updateText } from "./update-text.ts";
import { type Done, updateAction } from "./update-wait.ts";
import type { ApplyOptions, Update } from "./update-words.ts";

/** @throws CommandFailed */
export async function update(command: Update, client: Client): Promise<void> {
  switch (command.kind) {
    case "update-check":
      await check(client);
      return;
    case "update-apply":
      return apply(command, client);
    case "update-cancel":
      return cancel(client);
    case "update-status":
      return showStatus(command.output, client);
  }
}

async function check(client: Client): Promise<UpdateStatus | undefined> {
  const { statusText, progress } = await updateAction(client, "refresh");
  client.print(prettyJson(statusText));
  const status = statusOf(statusText);
  for (const refused of progress?.refused ?? []) {
    if (status?.available_updates.includes(refused.version) === true) client.info(refusedLine(refused));
  }
  return status;
}

async function apply({ check: isFirst, reboot, retry }: ApplyOptions, client: Client): Promise<void> {
  if (isFirst) {
    const status = await check(client);
    if (status === undefined) throw new CommandFailed("Cannot apply: the update status is not JSON");
    // A version that is refused is not chosen, so that there may be something to take even so.
    if (status.update_state === "Idle" && !retry) return client.info("There is no update to apply");
    if (status.update_state === "Ready") {
      return client.info(
        "An update is applied already and starts at the next boot: apiclient reboot. To take it back: apiclient update cancel",
      );
    }
  }
  await prepare(retry, client);
  const { statusText } = await updateAction(client, "activate");
  const version = statusOf(statusText)?.staging_partition?.image.version ?? "the update";
  if (!reboot)
    return client.info(
      `${version} is written and starts at the next boot; reboot to start it: apiclient reboot`,
    );
  await request(client.server, "reboot", "POST", "/actions/reboot");
  client.info(`${version} is written; rebooting to start it`);
}

async function prepare(retry: boolean, client: Client): Promise<Done> {
  try {
    return await updateAction(client, "prepare", retry ? "?retry=true" : "");
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    const advice =
      "If no list of updates is there yet: apiclient update check. If an update is applied already: apiclient reboot, or apiclient update cancel";
    throw new CommandFailed(`${error.message}\n${advice}`, { cause: error });
  }
}

async function cancel(client: Client): Promise<void> {
  const { statusText } = await updateAction(client, "deactivate");
  const version = statusOf(statusText)?.active_partition?.image.version ?? "what runs now";
  client.info(`The next boot starts ${version} again; to take the update after all: apiclient update apply`);
}

async function showStatus(output: "text" | "json", client: Client): Promise<void> {
  const body = await request(client.server, "read the update status", "GET", "/updates/progress");
  if (output === "json") return client.print(prettyJson(body));
  const os = JSON.parse(await request(client.server, "read the version", "GET", "/os")) as {
    readonly version_id: string;
  };
  // The server's own reply, whose shape is part of the API.
  client.print(updateText(JSON.parse(body) as UpdateProgress, os.version_id));
}

/** @returns undefined for a text that is no JSON */
function statusOf(text: string): UpdateStatus | undefined {
  try {
    return JSON.parse(text) as UpdateStatus;
  } catch {
    // Some other server's; it is shown as it is.
    return undefined;
  }
}

/** Pretty, with the keys of every object in alphabetical order; what is no JSON is shown as it is. */
function prettyJson(text: string): string {
  try {
    return `${JSON.stringify(sortedDeep(JSON.parse(text) as Json), undefined, 2)}\n`;
  } catch {
    // As the reference does.
    return `${text}\n`;
  }
}
