/**
 * The line that a shell completes. Bash tells its own idea of the words, cut at `=`, `:` and quotes, and zsh puts
 * quotes where they do not belong; so the line is read here as the shell will read it when it is run, and the answer
 * is what is to be added behind the cursor.
 */

/** A line up to the cursor. */
export interface ShellLine {
  /** Behind the program's name, without the shell's quotes; the last one is being typed. */
  readonly words: readonly string[];
  /** The quote that is open at the cursor. */
  readonly quote: "'" | '"' | undefined;
}

/** Reads a simple command up to the cursor. */
export function readShellLine(line: string): ShellLine {
  const words: string[] = [];
  let word: string | undefined;
  let quote: "'" | '"' | undefined;
  const characters = [...line];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    if (character === quote) quote = undefined;
    else if (quote === undefined && (character === "'" || character === '"')) {
      quote = character;
      word ??= "";
    } else if (character === "\\" && quote !== "'") {
      const next = characters[++at] ?? "";
      // In double quotes a backslash stands for itself in front of most characters.
      word = `${word ?? ""}${quote === '"' && !/["\\$`]/.test(next) ? "\\" : ""}${next}`;
    } else if (quote === undefined && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = `${word ?? ""}${character}`;
  }
  return { words: [...words, word ?? ""].slice(1), quote };
}

/**
 * Candidates as the shell is to insert them.
 *
 * @param candidates  whole words that begin with the last word of the line
 * @param current     the part of the line that the shell replaces: the end of what stands there
 */
export function shellReplies(
  candidates: readonly string[],
  { words, quote }: ShellLine,
  current: string,
): readonly string[] {
  const typed = words.at(-1)?.length ?? 0;
  return candidates.map((candidate) => {
    // An open quote is closed first, by bash itself or by the person who types.
    const isFinished = quote === undefined && !/[.=]$/.test(candidate);
    return `${current}${escaped(candidate.slice(typed), quote)}${isFinished ? " " : ""}`;
  });
}

function escaped(text: string, quote: ShellLine["quote"]): string {
  switch (quote) {
    case "'":
      return text.replaceAll("'", "'\\''");
    case '"':
      return text.replace(/["\\$`]/g, "\\$&");
    case undefined:
      return text.replace(/[^\w./:=@%+,-]/g, "\\$&");
  }
}
