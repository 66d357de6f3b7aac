/** What is secret on a host with these settings. */
import { type Model, secretNames, secretTexts } from "../settings/index.ts";
import { hideNamed } from "./named-values.ts";
import type { Secrets } from "./redact.ts";
import { secretForms } from "./secret-forms.ts";

/** @param documents  insides of `settings`, from wherever they are known */
export function knownSecrets(model: Model, documents: readonly ReturnType<Model["nest"]>[]): Secrets {
  const texts = documents.flatMap((document) => secretTexts(model.declaration, document));
  return { forms: secretForms(texts), hideNamed: hideNamed(secretNames(model.declaration)) };
}
