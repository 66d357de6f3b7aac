import { describe, expect, test } from "bun:test";
import { readShellLine, shellReplies } from "./completion-line.ts";

describe("a line up to the cursor", () => {
  const table: [line: string, words: readonly string[], quote: "'" | '"' | undefined][] = [
    ["apiclient ", [""], undefined],
    ["apiclient  set  mo", ["set", "mo"], undefined],
    ["apiclient set motd=a\\ b x", ["set", "motd=a b", "x"], undefined],
    ["apiclient set 'kernel.sysctl.\"vm.", ["set", 'kernel.sysctl."vm.'], "'"],
    ['apiclient set kernel.sysctl.\\"vm.', ["set", 'kernel.sysctl."vm.'], undefined],
    ['apiclient set "a\\"b\\c', ["set", 'a"b\\c'], '"'],
    ["apiclient set 'a'\"b\"c ", ["set", "abc", ""], undefined],
    ["apiclient set ''", ["set", ""], undefined],
  ];
  for (const [line, words, quote] of table) {
    test(line, () => expect(readShellLine(line)).toEqual({ words, quote }));
  }
});

describe("what a shell inserts", () => {
  const table: [line: string, current: string, candidate: string, reply: string][] = [
    ["apiclient se", "se", "set", "set "],
    ["apiclient set mo", "mo", "motd=", "motd="],
    ["apiclient set kernel.lockdown=i", "i", "kernel.lockdown=integrity", "integrity "],
    ["apiclient set kernel.lockdown=", "", "kernel.lockdown=integrity", "integrity "],
    ["apiclient set kernel.sysctl.", "kernel.sysctl.", 'kernel.sysctl."a.b"=', 'kernel.sysctl.\\"a.b\\"='],
    ["apiclient set 'kernel.sysctl.", "kernel.sysctl.", 'kernel.sysctl."a.b"=', 'kernel.sysctl."a.b"='],
    ['apiclient set "kernel.sysctl.', "kernel.sysctl.", 'kernel.sysctl."a.b"=', 'kernel.sysctl.\\"a.b\\"='],
    ["apiclient get 'settings.mo", "settings.mo", "settings.motd", "settings.motd"],
  ];
  for (const [line, current, candidate, reply] of table) {
    test(`${line} + ${candidate}`, () => {
      expect(shellReplies([candidate], readShellLine(line), current)).toEqual([reply]);
    });
  }
});
