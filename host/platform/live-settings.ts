/** Single members of the live settings. */
import { type CallApi, fetchModel } from "../apply/index.ts";

/**
 * What the live settings hold under these names, one inside the other.
 *
 * @returns `undefined` where nothing is set
 * @throws  Failure as `fetchModel`
 */
export async function liveSetting(call: CallApi, ...names: readonly string[]): Promise<unknown> {
  return names.reduce<unknown>(
    (at, name) => (typeof at === "object" && at !== null ? Reflect.get(at, name) : undefined),
    (await fetchModel(call)).settings,
  );
}
