/** A setting's value made from its template and the live model. What answers to `schnauzer` is decided here. */

import { type CallApi, fetchModel, fetchTemplateOf, parseValueTemplate } from "../apply/index.ts";

/**
 * Fills in the template of a setting (specification "rendered-config" 4.2).
 *
 * @param key  full dotted key
 * @throws  Failure if the API does not answer, the key has no template, or a value the template needs is missing
 */
export async function templatedSetting(call: CallApi, key: string): Promise<string> {
  const template = parseValueTemplate(key, await fetchTemplateOf(call, key));
  return template.render(await fetchModel(call), { hostnameResolves: false, cpuCount: undefined });
}
