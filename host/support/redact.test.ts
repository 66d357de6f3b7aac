import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { hideNamed } from "./named-values.ts";
import { Redactor } from "./redact.ts";
import { secretForms } from "./secret-forms.ts";

const nothingNamed = (text: string) => text;
const bytes = (...texts: readonly string[]) => texts.map((text) => Buffer.from(text, "latin1"));

function through(secrets: readonly string[], chunks: readonly Uint8Array[], named = nothingNamed): string {
  const redactor = new Redactor({ forms: bytes(...secrets), hideNamed: named });
  return Buffer.concat([...chunks.map((chunk) => redactor.push(chunk)), redactor.end()]).toString("latin1");
}

describe("known secrets", () => {
  it("are replaced wherever they stand, and nothing else changes", () => {
    expect(through(["hunter2"], bytes("a hunter2b\nhunter2"))).toBe("a (secret)b\n(secret)");
    expect(through([], bytes("a\xff\r\n", ""))).toBe("a\xff\r\n");
  });
  it("are found when pieces cut them", () => {
    expect(through(["hunter2"], bytes("a hun", "te", "r2 b"))).toBe("a (secret) b");
  });
  it("that overlap leave nothing of each other", () => {
    expect(through(["abcd", "cdef"], bytes("xabcdefx"))).toBe("x(secret)x");
  });
  it("of a dump are replaced without moving a byte", () => {
    expect(through(["hunter2"], bytes("\0hunter2\0"))).toBe("\0*******\0");
  });

  it("property: in no stream of many batches, however it is cut, and the rest of it is left", () => {
    const filler = fc.integer({ min: 0, max: 300_000 }).map((length) => "x.\n".repeat(length / 3));
    const secret = fc.string({
      unit: fc.constantFrom(..."ABC\n"),
      minLength: 4,
      maxLength: 40,
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(secret, { minLength: 1, maxLength: 5 }),
        fc.array(fc.tuple(filler, fc.nat(4)), { maxLength: 5 }),
        fc.integer({ min: 1000, max: 400_000 }),
        (secrets, parts, pieceBytes) => {
          const text = parts.map(([before, index]) => before + secrets[index % secrets.length]).join("");
          const pieces = [];
          for (let at = 0; at < text.length; at += pieceBytes) pieces.push(text.slice(at, at + pieceBytes));
          const shown = through(secrets, bytes(...pieces));
          for (const each of secrets) expect(shown.includes(each)).toBe(false);
          const left = (of: string) => of.match(/x\./g)?.length ?? 0;
          expect(left(shown)).toBe(left(text));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("in a row without end do not fill the memory", () => {
    const redactor = new Redactor({ forms: bytes("AAAA"), hideNamed: nothingNamed });
    const piece = Buffer.alloc(256 * 1024, "A");
    for (let count = 0; count < 8; count++) {
      expect(Buffer.from(redactor.push(piece)).includes("A")).toBe(false);
    }
    expect(redactor.end().length).toBeLessThan(100);
  });
});

describe("the forms of a secret", () => {
  const forms = (text: string) => secretForms([text]).map(String);
  it("a password: as it is, quoted once and twice, in a URL, in base64", () => {
    expect(forms('a"b/c')).toEqual(['a"b/c', 'a\\"b/c', 'a\\\\\\"b/c', "a%22b%2Fc", "YSJiL2M="]);
  });
  it("a proxy: its login and password without the rest, percent signs decoded", () => {
    const found = forms("http://user:p%40ss@proxy.test:3128");
    for (const form of ["http://user:p%40ss@proxy.test:3128", "user:p%40ss", "p%40ss", "p@ss"]) {
      expect(found).toContain(form);
    }
    expect(found).not.toContain("proxy.test:3128");
  });
  it("a credentials file: its keys, but not every word in it", () => {
    const file =
      "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\npassword=hunter2\nregion = eu-central\n";
    const found = forms(Buffer.from(file).toString("base64"));
    for (const form of ["AKIAIOSFODNN7EXAMPLE", "hunter2"]) expect(found).toContain(form);
    expect(found).not.toContain("eu-central");
  });
  it("what is shorter than four characters is not looked for", () => expect(forms("abc")).toEqual([]));
});

describe("values behind the name of a secret", () => {
  const hide = hideNamed(["auth", "https-proxy", "config", "new-setting"]);
  const table: [situation: string, text: string, shown: string][] = [
    ["in TOML", '  password = "a\\"b c"', '  password = "(secret)"'],
    ["in JSON", '{"auth": "abc", "x": "y"}', '{"auth": "(secret)", "x": "y"}'],
    ["in JSON inside of JSON", '"{\\"auth\\": \\"abc\\", 1}"', '"{\\"auth\\": \\"(secret)\\", 1}"'],
    ["a number in JSON", '{"token": 1234}', '{"token": "(secret)"}'],
    ["in the environment", "HTTPS_PROXY=http://x:1 B=c", "HTTPS_PROXY=(secret) B=c"],
    ["of a longer name", "aws_secret_access_key=abc", "aws_secret_access_key=(secret)"],
    ["of a setting that is new", "--new-setting=abc", "--new-setting=(secret)"],
    ["that is not closed", 'password="abc', "password=(secret)"],
    ["in a URL", "https://user:pw@host/x", "https://user:(secret)@host/x"],
    ["in a header", "Authorization: Basic dXNlcg==", "Authorization: Basic (secret)"],
    ["a sentence is left", "token: not found", "token: not found"],
    ["a table is left", '{"auth": {"x": true}}', '{"auth": {"x": true}}'],
    ["a switch is left", '{"token": true}', '{"token": true}'],
    ["a common name is left", "--config=/etc/x", "--config=/etc/x"],
    ["a word that ends so is left", "xauth=1", "xauth=1"],
  ];
  for (const [situation, text, shown] of table) it(situation, () => expect(hide(text)).toBe(shown));
  it("are found though a piece ends between both", () => {
    expect(through([], bytes("password=", "abc\n"), hide)).toBe("password=(secret)\n");
  });
});
