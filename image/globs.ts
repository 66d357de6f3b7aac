/**
 * The globs of the package lists: `*` within a name, `**` over directories, `{a,b}` alternatives; everything else,
 * brackets included, stands for itself.
 */

/** All alternatives of a pattern written out, so that each can be checked for its own match. */
export function expandBraces(pattern: string): readonly string[] {
  const open = pattern.indexOf("{");
  const close = pattern.indexOf("}", open);
  if (open === -1 || close === -1) return [pattern];
  const before = pattern.slice(0, open);
  const after = pattern.slice(close + 1);
  return pattern
    .slice(open + 1, close)
    .split(",")
    .flatMap((choice) => expandBraces(`${before}${choice}${after}`));
}

/** A test for one pattern without braces. */
export function matcher(pattern: string): (path: string) => boolean {
  if (!pattern.includes("*")) return (path) => path === pattern;
  const source = pattern
    .split(/(\*\*|\*)/)
    .map((part) => {
      if (part === "**") return ".*";
      return part === "*" ? "[^/]*" : part.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
    })
    .join("");
  const expression = new RegExp(`^${source}$`);
  return (path) => expression.test(path);
}
