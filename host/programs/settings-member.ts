/** One group of the settings, asked of the API by the programs that apply it. */
import { callApi } from "../api/index.ts";
import { getObject } from "../apply/index.ts";

/**
 * The group `name` of the settings, as the API answers it.
 *
 * @returns `undefined` if the group has no values, or there are no settings at all yet (404)
 * @throws  Failure if the API answers otherwise, or `Unreachable` if it cannot be asked
 */
export async function readMember(socketPath: string, name: string): Promise<unknown> {
  const uri = `/settings?prefix=${name}.`;
  const answer = await callApi(socketPath, "GET", uri);
  return answer.status === 404 ? undefined : (await getObject(async () => answer, uri))[name];
}
