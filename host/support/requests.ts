/** The language in which it is said what is collected (specification "containers" 15.2). */
import { shellWords } from "./shell-words.ts";

/** One thing to collect. `file` is a name directly below the archive's directory. */
export type Request =
  | { readonly kind: "exec"; readonly file: string; readonly command: readonly string[] }
  | { readonly kind: "file"; readonly file: string; readonly path: string }
  | { readonly kind: "http"; readonly file: string; readonly url: string }
  | { readonly kind: "glob"; readonly pattern: string }
  | { readonly kind: "settings"; readonly file: string };

export type ParsedRequest = Request | { readonly kind: "wrong"; readonly problem: string };

const modes = "exec, file, http, https, glob, settings";

/** Reads one line: mode, file name and rest, with single spaces between them. */
export function parseRequest(line: string): ParsedRequest {
  const [mode = "", file = "", ...others] = line.split(" ");
  const rest = others.join(" ");
  if (!modes.split(", ").includes(mode)) {
    return wrong(`the mode is ${JSON.stringify(mode)}; accepted: ${modes}`);
  }
  if (file === "") return wrong(mode === "glob" ? "a pattern is missing" : "a file name is missing");
  if (mode === "glob") {
    return rest === "" ? { kind: "glob", pattern: file } : wrong("a pattern has no spaces");
  }
  // What is collected must not get out of the directory into which an archive is unpacked.
  if (file.includes("/") || file === "." || file === "..") {
    return wrong(`the file name is ${JSON.stringify(file)}; accepted: a name without /`);
  }
  switch (mode) {
    case "exec":
      return execRequest(file, rest);
    case "file":
      return rest === "" ? wrong("the path of a file is missing") : { kind: "file", file, path: rest };
    case "settings":
      return rest === "" ? { kind: "settings", file } : wrong("behind the file name stands more");
    default:
      return rest === "" ? wrong("a URL is missing") : { kind: "http", file, url: rest };
  }
}

function execRequest(file: string, rest: string): ParsedRequest {
  const words = shellWords(rest);
  if (words === undefined) return wrong("a quote is not closed");
  return words.length === 0 ? wrong("a command is missing") : { kind: "exec", file, command: words };
}

function wrong(problem: string): ParsedRequest {
  return { kind: "wrong", problem };
}
