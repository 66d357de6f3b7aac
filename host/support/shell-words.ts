/** Splits a command line as a POSIX shell does, without anything that a shell would put in (POSIX.1-2017 2.2). */

// A word is a row of these: quoted text, an escaped character, plain characters.
const piece = /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+)/y;
const space = /\s+/y;

/** The words of a command line; undefined if a quote is not closed or nothing follows the last backslash. */
export function shellWords(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  while (at < line.length) {
    space.lastIndex = at;
    if (space.test(line)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at = space.lastIndex;
      continue;
    }
    piece.lastIndex = at;
    const found = piece.exec(line);
    if (found === null) return undefined;
    const [, single, double, escaped, plain] = found;
    word = (word ?? "") + (single ?? unescaped(double) ?? unescapedOne(escaped) ?? plain ?? "");
    at = piece.lastIndex;
  }
  return word === undefined ? words : [...words, word];
}

/** Between double quotes a backslash stays, except before what it has a meaning for. */
function unescaped(text: string | undefined): string | undefined {
  return text?.replace(/\\([$`"\\\n])/g, (_, character: string) => (character === "\n" ? "" : character));
}

function unescapedOne(character: string | undefined): string | undefined {
  return character === "\n" ? "" : character;
}
