/** Whether the model has a key, which nobody has given a value yet: of a setting, a map entry or a group. */
import { type Declaration, type Group, memberNamed } from "./declaration.ts";
import { type Key, keyFromSegments, keyText } from "./keys.ts";
import { unknownName } from "./nearest.ts";
import { type Problem, quote } from "./source.ts";

export type KnownKey =
  | { readonly ok: true; readonly key: Key }
  | { readonly ok: false; readonly problem: Problem };

/**
 * Looks a key up.
 *
 * @param model  the inside of `settings`
 * @param key    begins with "settings"; the names of maps in it are checked
 * @returns the key as the store has it, with current names in the place of older spellings; or what is wrong with it
 */
export function knownKey(model: Group, key: Key): KnownKey {
  const segments = [key.segments[0] ?? ""];
  let declaration: Declaration = model;
  for (const name of key.segments.slice(1)) {
    const at = keyText([...segments, name]);
    const next = step(declaration, name);
    if ("problem" in next) {
      // Of a single value its own key is the one to name: what is below it is not there to be mended.
      return { ok: false, problem: { key: declaration.kind === "leaf" ? keyText(segments) : at, ...next } };
    }
    segments.push(next.name);
    declaration = next.value;
  }
  const current = keyFromSegments(segments);
  if (current.ok) return current;
  return { ok: false, problem: { key: key.text, problem: current.reason, accepted: "a shorter key" } };
}

type Step = { readonly name: string; readonly value: Declaration } | Omit<Problem, "key">;

function step(declaration: Declaration, name: string): Step {
  switch (declaration.kind) {
    case "leaf":
      return { problem: `a single value, with no ${quote(name)} below it`, accepted: "this key alone" };
    case "group": {
      const known = Object.keys(declaration.members);
      const suggested = [...known, ...Object.keys(declaration.aliases)];
      const member = memberNamed(declaration, name);
      return member ?? { problem: unknownName(name, suggested), accepted: `one of ${known.join(", ")}` };
    }
    case "map": {
      const reason = declaration.names.problem(name);
      if (reason === undefined) return { name, value: declaration.value };
      return { problem: `found the name ${quote(name)}: ${reason}`, accepted: declaration.names.accepted };
    }
  }
}
