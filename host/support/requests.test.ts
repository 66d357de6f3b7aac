import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { type ParsedRequest, parseRequest } from "./requests.ts";
import { shellWords } from "./shell-words.ts";

describe("a request (specification containers 15.2)", () => {
  const table: [line: string, request: ParsedRequest][] = [
    ["exec df df -h", { kind: "exec", file: "df", command: ["df", "-h"] }],
    ["exec a sh -c 'a  b' \"$X\" \\*", { kind: "exec", file: "a", command: ["sh", "-c", "a  b", "$X", "*"] }],
    ["file os /etc/os-release", { kind: "file", file: "os", path: "/etc/os-release" }],
    ["file os /etc/with space", { kind: "file", file: "os", path: "/etc/with space" }],
    ["http t http://localhost/x", { kind: "http", file: "t", url: "http://localhost/x" }],
    ["https t https://localhost/x", { kind: "http", file: "t", url: "https://localhost/x" }],
    ["glob /var/log/**/x*", { kind: "glob", pattern: "/var/log/**/x*" }],
    ["settings settings.json", { kind: "settings", file: "settings.json" }],
  ];
  for (const [line, request] of table) it(line, () => expect(parseRequest(line)).toEqual(request));

  const wrong: [line: string, problem: string][] = [
    ["ftp a b", 'the mode is "ftp"; accepted: exec, file, http, https, glob, settings'],
    ["exec", "a file name is missing"],
    ["exec a", "a command is missing"],
    ["exec a  ", "a command is missing"],
    ["exec a echo 'b", "a quote is not closed"],
    ["exec  echo b", "a file name is missing"],
    ["exec ../a echo b", 'the file name is "../a"; accepted: a name without /'],
    ["file .. /etc/motd", 'the file name is ".."; accepted: a name without /'],
    ["file a", "the path of a file is missing"],
    ["http a", "a URL is missing"],
    ["https a", "a URL is missing"],
    ["glob", "a pattern is missing"],
    ["glob /a /b", "a pattern has no spaces"],
    ["settings", "a file name is missing"],
    ["settings a b", "behind the file name stands more"],
  ];
  for (const [line, problem] of wrong) {
    it(`${JSON.stringify(line)} is wrong`, () =>
      expect(parseRequest(line)).toEqual({ kind: "wrong", problem }));
  }
});

describe("words are split as a shell does", () => {
  const table: [line: string, words: readonly string[] | undefined][] = [
    ["", []],
    [" a \t b ", ["a", "b"]],
    ["''", [""]],
    [`a'b c'"d e"f`, ["ab cd ef"]],
    [`"\\$\\a\\"\\\\"`, [`$\\a"\\`]],
    [`'\\'`, ["\\"]],
    ["a\\ b", ["a b"]],
    ["a\\", undefined],
    [`"a`, undefined],
  ];
  for (const [line, words] of table) it(JSON.stringify(line), () => expect(shellWords(line)).toEqual(words));

  it("any words that are quoted come out as they were", () => {
    const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" })), (words) => {
        expect(shellWords(words.map(quoted).join(" "))).toEqual(words);
      }),
    );
  });
});
