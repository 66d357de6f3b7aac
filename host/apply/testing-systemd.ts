/** For tests: systemd's reading of the files that templates write for it, as far as their output can reach. */

/** The assignments of an environment file (src/basic/env-file.c). */
export function readEnvironmentFile(text: string): { readonly [name: string]: string } {
  const assignments: [string, string][] = [];
  let at = 0;
  while (at < text.length) {
    const equals = text.indexOf("=", at);
    const name = text.slice(at, equals);
    let value = "";
    let kept = 0; // length of the value up to the last character that is not unescaped white space
    for (at = equals + 1; at < text.length && text[at] !== "\n" && text[at] !== "\r"; at++) {
      const escaped = text[at] === "\\";
      if (escaped) at += 1;
      else if (/['"]/.test(text[at] ?? "") && value === "") throw new Error("a quote opens here");
      if (!escaped && /[ \t]/.test(text[at] ?? "") && value === "") continue;
      if (escaped && text[at] === "\n") continue;
      value += text[at];
      if (escaped || !/[ \t]/.test(text[at] ?? "")) kept = value.length;
    }
    if (!/^[A-Za-z_]\w*$/.test(name) || assignments.some(([known]) => known === name))
      throw new Error(`${JSON.stringify(name)} is no name, or comes twice`);
    assignments.push([name, value.slice(0, kept)]);
    at += 1;
  }
  return Object.fromEntries(assignments);
}

/** A unit file: each section with its assignments in order, `ExecStart` as the words that are executed. */
export function readUnit(text: string): {
  readonly [section: string]: readonly (readonly [string, unknown])[];
} {
  const sections = new Map<string, (readonly [string, unknown])[]>();
  let section: (readonly [string, unknown])[] | undefined;
  // A backslash at a line's end joins the next line, with a blank between.
  for (const line of text.replaceAll("\\\n", " ").split("\n")) {
    const header = /^\[(\w+)\]$/.exec(line)?.[1];
    const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (header !== undefined) {
      section = [];
      sections.set(header, section);
    } else if (name !== undefined && section !== undefined)
      section.push([name, name === "ExecStart" ? commandWords(value ?? "") : value]);
    else if (line !== "") throw new Error(`${JSON.stringify(line)} is no line of a unit file`);
  }
  return Object.fromEntries(sections);
}

/**
 * The words of a command line: quotes and backslashes (src/basic/extract-word.c), then specifiers, then variables. A
 * variable that is expanded stays as it is written; a specifier is an error, because no template has one.
 */
function commandWords(line: string): readonly string[] {
  const words: string[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line[at] ?? "")) {
      at += 1;
      continue;
    }
    let word = "";
    let quote = "";
    for (; at < line.length && (quote !== "" || !/\s/.test(line[at] ?? "")); at++) {
      const character = line[at] ?? "";
      if (character === "\\") {
        at += 1;
        if (!/[\\"']/.test(line[at] ?? ""))
          throw new Error(`an escape that is not written here: ${line[at]}`);
        word += line[at];
      } else if (quote !== "") {
        if (character === quote) quote = "";
        else word += character;
      } else if (/["']/.test(character)) quote = character;
      else word += character;
    }
    if (quote !== "") throw new Error("a quote is not closed");
    words.push(withoutVariables(withoutSpecifiers(word)));
  }
  return words;
}

function withoutSpecifiers(word: string): string {
  return word.replace(/%(.?)/gs, (_, letter) => {
    if (letter === "%") return "%";
    throw new Error(`a specifier %${letter}`);
  });
}

function withoutVariables(word: string): string {
  return word.replace(/\$(\$|\{\w+\}|.?)/gs, (all, name) => {
    if (name === "$") return "$";
    if (/^\{\w+\}$/.test(name)) return all;
    throw new Error(`a variable ${all}`);
  });
}
