/** GET /metadata/… (api.md 6.7). */
import type { Json, Key } from "../settings/index.ts";
import { keysParameter, missing } from "./parameters.ts";
import { found, type Reply } from "./reply.ts";
import type { ApiRequest } from "./request.ts";
import type { View } from "./view.ts";

/** The services that each requested key affects; keys that affect none are left out. */
export function readAffectedServices(request: ApiRequest, view: View): Reply {
  return byRequestedKey(request, (key) => view.model.affectedServices(key));
}

/** The template of each requested key that has one. */
export function readTemplates(request: ApiRequest, view: View): Reply {
  return byRequestedKey(request, (key) => view.model.template(key));
}

/** Every setting that has a generator, with its command. */
export function readSettingGenerators(view: View): Reply {
  return found(Object.fromEntries(view.model.settingGenerators));
}

function byRequestedKey(request: ApiRequest, metadataOf: (key: Key) => Json | undefined): Reply {
  const keys = keysParameter(request);
  if ("refusal" in keys) return keys.refusal;
  if (keys.value === undefined) return missing("keys");
  const answered: [string, Json][] = [];
  for (const { asked, key } of keys.value) {
    const metadata = metadataOf(key);
    if (metadata !== undefined) answered.push([asked, metadata]);
  }
  return found(Object.fromEntries(answered));
}
