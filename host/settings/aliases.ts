/** Older names of settings in the keys that are asked for (specification "settings" 4.6). */
import { type Declaration, type Group, memberNamed } from "./declaration.ts";

/**
 * The text of a key, or of the beginning of one, with the names under which settings are stored. Only names that are
 * there in full are replaced: `settings.boot.kernel-parameters.quiet`, but not `settings.boot.kernel-par`.
 */
export function currentKeyText(settings: Group, text: string): string {
  // Quotes and dots inside of names occur only behind a map, where this ends.
  const [root, ...names] = text.split(".");
  if (root !== "settings") return text;
  let declaration: Declaration = settings;
  for (const [at, name] of names.entries()) {
    const member: ReturnType<typeof memberNamed> =
      declaration.kind === "group" ? memberNamed(declaration, name) : undefined;
    if (member === undefined) break;
    names[at] = member.name;
    declaration = member.value;
  }
  return [root, ...names].join(".");
}
