/** Secrets that are known by the name before them: those that are set no more, or were never set through the API. */
import { secretText } from "../settings/index.ts";
import words from "./secret-words.toml";

const {
  names: alwaysSecret,
  common,
}: { readonly names: readonly string[]; readonly common: readonly string[] } = words;

/** Takes the values out of a text. */
export type HideNamed = (text: string) => string;

/** @param modelNames  of the model's secret settings and their secret members */
export function hideNamed(modelNames: readonly string[]): HideNamed {
  const names = [...new Set([...modelNames, ...alwaysSecret])].filter((name) => !common.includes(name));
  const anyName = names.map(pattern).join("|");
  // The name may end a longer one (aws_session_token), and quotes may be escaped once or more.
  const head = `(?:^|[^\\w-])(?:--)?(?:[\\w-]*[-_])?(?:${anyName})`;
  const quoted = new RegExp(
    `(${head}\\\\*["']?[ \\t]*[:=][ \\t]*)(?:(")(?:[^"\\\\\\n]|\\\\.)*"|(')[^'\\n]*'|(\\\\+["'])[^\\n]*?\\4|["'][^\\n]*)`,
    "gim",
  );
  // Behind a colon only where the name is quoted: "token: not found" is a sentence.
  const plain = new RegExp(`(${head}(?:["']?[ \\t]*=|["'][ \\t]*:)[ \\t]*)([^\\s"',;&{}()[\\]\\\\]+)`, "gim");
  const hideInLine = (line: string) =>
    line
      .replace(quoted, (_, before: string, double = "", single = "", escaped = "") => {
        const quote = double + single + escaped;
        return `${before}${quote}${secretText}${quote}`;
      })
      .replace(plain, (_, before: string, value: string) => {
        if (/^(true|false|null)$/.test(value)) return before + value;
        return before + (before.trimEnd().endsWith(":") ? `"${secretText}"` : secretText);
      })
      .replace(urlPassword, `$1${secretText}@`)
      .replace(authorization, `$1${secretText}`);
  // Few lines of a log need a closer look, and one simple look finds them five times as fast.
  const worthALook = new RegExp(`(?:${anyName})\\\\*["']?[ \\t]*[:=]|authorization|://[^\\s/:@"']*:`, "gi");
  return (text) => {
    let shown = "";
    let at = 0;
    worthALook.lastIndex = 0;
    while (worthALook.test(text)) {
      const start = text.lastIndexOf("\n", worthALook.lastIndex - 1) + 1;
      const newline = text.indexOf("\n", worthALook.lastIndex);
      const end = newline < 0 ? text.length : newline;
      shown += text.slice(at, start) + hideInLine(text.slice(start, end));
      at = end;
      worthALook.lastIndex = end;
    }
    return shown + text.slice(at);
  };
}

const urlPassword = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@"']{0,256}:)[^\s/@"']{1,1024}@/gi;
const authorization = /(authorization\\*["']?\s*[:=]\s*\[?\\*["']?(?:basic|bearer)\s+)[^\s"'\\\]]+/gi;

function pattern(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("-", "[-_]?");
}
