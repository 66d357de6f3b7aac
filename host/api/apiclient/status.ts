/** apiclient status: how the host is, and an exit code that tells whether that is well. */
import type { HostStatus } from "../host-status.ts";
import type { Output } from "./output-option.ts";
import { CommandFailed, request } from "./requests.ts";
import type { Client } from "./run.ts";
import { statusText } from "./status-text.ts";

/** @throws CommandFailed if the host is not as it should be, after that has been shown */
export async function showStatus(output: Output, client: Client): Promise<void> {
  const body = await request(client.server, "look at the host", "GET", "/status");
  // The server's own reply, whose shape is part of the API.
  const status = JSON.parse(body) as HostStatus;
  client.print(output === "json" ? `${JSON.stringify(status, undefined, 2)}\n` : statusText(status));
  failUnlessHealthy(status);
}

/** The exit code 1, with a sentence of why. */
export function failUnlessHealthy({ findings }: Pick<HostStatus, "findings">): void {
  const count = findings.filter(({ kind }) => kind === "problem").length;
  if (count > 0) throw new CommandFailed(`Not healthy: ${count} ${count === 1 ? "problem" : "problems"}`);
}
