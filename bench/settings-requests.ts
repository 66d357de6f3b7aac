/** The requests of the benchmark of the settings. */
import type { RunningServer } from "../tests/api/support/server.ts";
import { type Exchange, httpRequest } from "./load.ts";

export const get = (uri: string): Exchange => ({ request: httpRequest("GET", uri), status: 200 });
export const patch = (document: unknown): Exchange => ({
  request: httpRequest("PATCH", "/settings?tx=bench", JSON.stringify(document)),
  status: 204,
});
export const stage = (document: unknown): Exchange => ({
  request: httpRequest("POST", "/stage", JSON.stringify(document)),
  status: 204,
});

/** Makes settings live. */
export async function commit(server: RunningServer, document: unknown): Promise<void> {
  for (const [method, uri, body, status] of [
    ["PATCH", "/settings", JSON.stringify(document), 204],
    ["POST", "/tx/commit", undefined, 200],
  ] as const) {
    const answer = await server.ask(method, uri, body);
    if (answer.status !== status) throw new Error(`${method} ${uri}: ${answer.status} ${answer.body}`);
  }
}
