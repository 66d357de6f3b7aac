/** Which changes of settings need a reboot to take their whole effect, as the declarations say. */
import { type Change, type Declaration, type Group, memberNamed, type RebootNeed } from "./declaration.ts";
import type { Key } from "./keys.ts";

/** Why this change needs a reboot; undefined if it does not. What is said deeper replaces what is said further up. */
export function rebootReason(model: Group, key: Key, change: Change): string | undefined {
  let declaration: Declaration | undefined = model;
  let need: RebootNeed | undefined;
  for (const segment of key.segments.slice(1)) {
    declaration = below(declaration, segment);
    need = declaration?.about?.needsReboot ?? need;
  }
  return need === undefined || need.when?.(change) === false ? undefined : need.why;
}

function below(declaration: Declaration | undefined, name: string): Declaration | undefined {
  if (declaration?.kind === "map") return declaration.value;
  return declaration?.kind === "group" ? memberNamed(declaration, name)?.value : undefined;
}
