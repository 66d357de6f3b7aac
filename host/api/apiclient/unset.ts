/** apiclient unset: settings back to their default or generated value, or removed. */
import type { Key, Problem } from "../../settings/index.ts";
import { notAccepted } from "./change.ts";
import type { Manner } from "./change-options.ts";
import { changeSettings } from "./change-settings.ts";
import { request } from "./requests.ts";
import type { Client } from "./run.ts";

/**
 * Takes settings back, and applies the change.
 *
 * @throws CommandFailed for keys that the model does not know, before anything is sent, or with what failed
 */
export async function unset(keys: readonly Key[], manner: Manner, client: Client): Promise<void> {
  const model = await client.model();
  const problems: Problem[] = [];
  for (const key of keys) {
    const known = model.knownKey(key);
    if (!known.ok) problems.push(known.problem);
  }
  if (problems.length > 0) throw notAccepted(problems, undefined);
  const query = encodeURIComponent(keys.map(({ text }) => text).join(","));
  await changeSettings(client, "apiclient-unset", manner, async (transaction) => {
    const uri = `/settings?tx=${transaction.name}&keys=${query}`;
    const staged = await request(client.server, "unset the settings", "DELETE", uri);
    transaction.throwIfInterrupted();
    if (staged !== "[]") return true;
    client.info("Nothing to change: these settings have their default or generated value already");
    return false;
  });
}
