/** What a bootstrap container leaves when it has succeeded: `bootstrap-containers mark-bootstrap`. */
import { type CallApi, getObject } from "../apply/index.ts";
import type { BootstrapMode } from "./bootstrap-containers.ts";
import { tableOf } from "./declared.ts";
import { containersFailure } from "./failures.ts";

/**
 * Sets the mode of a container to `off`, unless it runs at every boot. If it has another mode by now, or is not declared
 * any more, somebody has decided otherwise while it ran: half a container that was taken away must not come back.
 *
 * @param mode  the one that was in effect when it ran
 * @throws  Failure if the API refuses; nothing stays pending then
 */
export async function markBootstrap(call: CallApi, id: string, mode: BootstrapMode): Promise<void> {
  if (mode === "always" || (await declaredMode(call, id)) !== mode) return;
  // A transaction of its own: what others have pending must not be committed with it.
  const transaction = `apiclient-set-${crypto.randomUUID().replaceAll("-", "")}`;
  const send = async (method: string, path: string, body?: string) => {
    const { status, body: said } = await call(method, `${path}?tx=${transaction}`, body);
    if (status >= 200 && status <= 299) return;
    throw containersFailure("containers/not-marked", {
      id,
      request: `${method} ${path}`,
      answer: `status ${status}: ${said}`,
    });
  };
  try {
    const settings = { "bootstrap-containers": { [id]: { mode: "off" } } };
    await send("PATCH", "/settings", JSON.stringify(settings));
    await send("POST", "/tx/commit_and_apply");
  } catch (error) {
    // It may be that there is nothing to discard; the first failure is the one to tell.
    await call("DELETE", `/tx?tx=${transaction}`).catch(() => undefined);
    throw error;
  }
}

/** @returns what is live, `undefined` if there is none */
async function declaredMode(call: CallApi, id: string): Promise<unknown> {
  const settings = await getObject(call, `/settings?prefix=bootstrap-containers.${id}.`);
  return tableOf(tableOf(settings["bootstrap-containers"])[id]).mode;
}
