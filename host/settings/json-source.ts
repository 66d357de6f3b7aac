/**
 * JSON text → source tree. Strict RFC 8259, every value with its place, duplicate names refused, integers
 * kept apart from numbers with a fraction. `JSON.parse` can do none of the last three.
 */
import type { Parsed, Position, SourceEntry, SourceNode } from "./source.ts";

// Deeper than any setting by far; the recursion below must end before the stack does.
const deepest = 64;

// Many times what any host has set. Reading holds up whoever else waits for the same program, and is slow where it runs
// without a compiler: two megabytes of one-digit numbers took three seconds.
const mostValues = 20_000;

/**
 * Reads a JSON document.
 *
 * @returns the tree, or the first thing wrong with the text, with its place
 * @throws never, whatever the text
 */
export function parseJsonSource(text: string): Parsed {
  try {
    return { ok: true, node: new JsonReader(text).document() };
  } catch (thrown) {
    if (!(thrown instanceof Unreadable)) throw thrown;
    const { problem, accepted, at } = thrown;
    return { ok: false, problems: [{ key: "", problem, accepted, at }] };
  }
}

class Unreadable {
  constructor(
    readonly problem: string,
    readonly accepted: string,
    readonly at: Position,
  ) {}
}

const numberPattern = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const wordPattern = /[A-Za-z0-9_.+-]+/y;
const plainPattern = /[ !#-[\]-\uffff]*/y; // all but control characters, quotes and backslashes

class JsonReader {
  private offset = 0;
  private line = 1;
  private lineStart = 0;
  private values = 0;

  constructor(private readonly text: string) {}

  document(): SourceNode {
    this.skipBlanks();
    const node = this.value(0);
    this.skipBlanks();
    if (this.offset < this.text.length) throw this.unexpected("the end of the document");
    return node;
  }

  private value(depth: number): SourceNode {
    const at = this.place();
    if (depth > deepest) {
      throw new Unreadable(`lists and objects nested deeper than ${deepest}`, "a flatter document", at);
    }
    this.values += 1;
    if (this.values > mostValues) {
      throw new Unreadable(`more than ${mostValues} values`, "a document with fewer of them", at);
    }
    switch (this.text[this.offset]) {
      case "{":
        return { kind: "table", entries: this.members(depth), at };
      case "[":
        return { kind: "list", items: this.items(depth), at };
      case '"':
        return { kind: "string", value: this.string(), at };
      default:
        return this.word(at);
    }
  }

  private members(depth: number): SourceEntry[] {
    const entries: SourceEntry[] = [];
    const names = new Set<string>();
    this.offset++;
    this.skipBlanks();
    if (this.skip("}")) return entries;
    for (;;) {
      const at = this.place();
      if (this.text[this.offset] !== '"') throw this.unexpected("a member name in double quotes");
      const name = this.string();
      if (names.has(name)) {
        throw new Unreadable(`the name ${JSON.stringify(name)} is given twice`, "each name once", at);
      }
      names.add(name);
      this.skipBlanks();
      if (!this.skip(":")) throw this.unexpected('":" after a member name');
      this.skipBlanks();
      entries.push({ name, value: this.value(depth + 1), at });
      this.skipBlanks();
      if (this.skip("}")) return entries;
      if (!this.skip(",")) throw this.unexpected('"," or "}" after a member');
      this.skipBlanks();
    }
  }

  private items(depth: number): SourceNode[] {
    const items: SourceNode[] = [];
    this.offset++;
    this.skipBlanks();
    if (this.skip("]")) return items;
    for (;;) {
      items.push(this.value(depth + 1));
      this.skipBlanks();
      if (this.skip("]")) return items;
      if (!this.skip(",")) throw this.unexpected('"," or "]" after a list item');
      this.skipBlanks();
    }
  }

  private string(): string {
    const { text } = this;
    const start = this.offset;
    const at = this.place();
    let end = this.endOfPlain(start + 1);
    let plain = true;
    for (; end < text.length && text[end] !== '"'; end = this.endOfPlain(end)) {
      const code = text.charCodeAt(end);
      if (code < 0x20) {
        this.offset = end;
        const shown = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
        throw new Unreadable(
          `the control character ${shown} in a string`,
          "an escape such as \\n",
          this.place(),
        );
      }
      // A backslash: whatever follows is part of the escape.
      plain = false;
      end += 2;
    }
    if (end >= text.length) throw new Unreadable("a string without its closing quote", '"', at);
    this.offset = end + 1;
    const value = plain ? text.slice(start + 1, end) : withoutEscapes(text.slice(start, end + 1));
    if (value === undefined)
      throw new Unreadable("an unknown escape in a string", '\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX', at);
    if (!value.isWellFormed()) {
      throw new Unreadable("half of a surrogate pair in a string", "complete Unicode characters", at);
    }
    return value;
  }

  private endOfPlain(from: number): number {
    plainPattern.lastIndex = from;
    plainPattern.test(this.text);
    return Math.max(from, plainPattern.lastIndex);
  }

  private word(at: Position): SourceNode {
    const number = this.match(numberPattern);
    const word = this.match(wordPattern);
    if (number !== undefined && number === word) {
      this.offset += number.length;
      if (/^-?[0-9]+$/.test(number)) return { kind: "integer", value: integerOf(number), at };
      return { kind: "float", value: Number(number), at };
    }
    if (word === "true" || word === "false" || word === "null") {
      this.offset += word.length;
      return word === "null" ? { kind: "null", at } : { kind: "boolean", value: word === "true", at };
    }
    throw this.unexpected("a JSON value", word);
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.offset;
    return pattern.exec(this.text)?.[0];
  }

  private skip(character: string): boolean {
    if (this.text[this.offset] !== character) return false;
    this.offset++;
    return true;
  }

  private skipBlanks(): void {
    for (; this.offset < this.text.length; this.offset++) {
      const character = this.text[this.offset];
      if (character === "\n") {
        this.line++;
        this.lineStart = this.offset + 1;
      } else if (character !== " " && character !== "\t" && character !== "\r") return;
    }
  }

  private place(): Position {
    return { line: this.line, column: this.offset - this.lineStart + 1 };
  }

  private unexpected(accepted: string, found?: string): Unreadable {
    const next = this.text.codePointAt(this.offset);
    const shown = found ?? (next === undefined ? undefined : String.fromCodePoint(next));
    const problem =
      shown === undefined ? "the document ends too early" : `found ${JSON.stringify(shown.slice(0, 40))}`;
    return new Unreadable(problem, accepted, this.place());
  }
}

function withoutEscapes(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted);
  } catch {
    // Only an escape can be wrong here: the text is quoted and free of control characters.
    return undefined;
  }
}

/** No setting holds more than 64 bits; reading millions of digits exactly would only cost time. */
function integerOf(digits: string): bigint {
  return BigInt(digits.slice(0, 40));
}
