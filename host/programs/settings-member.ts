/** One group of the settings, asked of the API by the programs that apply it. */

import { callApi } from "../api/index.ts";
import { failuresOf } from "../linux/failure.ts";

type Facts = {
  readonly "settings-member/refused": {
    readonly uri: string;
    readonly status: number;
    readonly body: string;
  };
  readonly "settings-member/not-json": { readonly uri: string; readonly body: string };
};

const failure = failuresOf<Facts>({
  "settings-member/refused": {
    says: ({ uri, status, body }) => `GET ${uri}: the API answered ${status}: ${body}`,
    hint: "See the log of the API server: journalctl -u apiserver",
  },
  "settings-member/not-json": {
    says: ({ uri, body }) => `GET ${uri}: the API answered something that is no settings document: ${body}`,
    hint: "Check which server answers on the API socket",
  },
});

/**
 * The group `name` of the settings, as the API answers it.
 *
 * @returns `undefined` if the group has no values, or there are no settings at all yet (404)
 * @throws  Failure if the API answers otherwise, or `Unreachable` if it cannot be asked
 */
export async function readMember(socketPath: string, name: string): Promise<unknown> {
  const uri = `/settings?prefix=${name}`;
  const { status, body } = await callApi(socketPath, "GET", uri);
  if (status === 404) return undefined;
  if (status !== 200) throw failure("settings-member/refused", { uri, status, body });
  try {
    const settings: unknown = JSON.parse(body);
    if (typeof settings === "object" && settings !== null) return Reflect.get(settings, name);
  } catch {
    // Not JSON: reported below with everything else that is no document.
  }
  throw failure("settings-member/not-json", { uri, body });
}
