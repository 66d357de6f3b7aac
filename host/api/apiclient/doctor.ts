/** apiclient doctor: what is wrong with the host, and what to do about it. */
import type { Diagnosis } from "../host-status.ts";
import { diagnosisText } from "./diagnosis-text.ts";
import type { Output } from "./output-option.ts";
import { request } from "./requests.ts";
import type { Client } from "./run.ts";
import { failUnlessHealthy } from "./status.ts";

/** @throws CommandFailed if something is wrong, after it has been shown */
export async function showDiagnosis(output: Output, client: Client): Promise<void> {
  if (client.isTerminal && output === "text") client.tell("looking at the host and asking registries\n");
  const body = await request(client.server, "look at the host", "GET", "/doctor");
  // The server's own reply, whose shape is part of the API.
  const diagnosis = JSON.parse(body) as Diagnosis;
  client.print(output === "json" ? `${JSON.stringify(diagnosis, undefined, 2)}\n` : diagnosisText(diagnosis));
  failUnlessHealthy(diagnosis);
}
