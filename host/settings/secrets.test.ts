import { describe, expect, it } from "bun:test";
import { list, oneOf } from "./basic-types.ts";
import { either, record, secret } from "./composed-types.ts";
import { group, map, setting } from "./declaration.ts";
import { secretNames, secretTexts, withoutSecrets } from "./secrets.ts";
import { testModel } from "./testing.ts";
import { names } from "./text-rule.ts";
import { singleLine } from "./text-types.ts";

const about = { doc: "For this test." };
const login = record({ user: singleLine, password: secret(singleLine) });
const model = group({
  motd: setting(singleLine, about),
  pin: setting(secret(singleLine), about),
  logins: setting(list(login), about),
  either: setting(either("table", login, secret(singleLine)), about),
  boxes: map(
    names({ accepted: "a name", characters: "a-z" }),
    group({ key: setting(secret(singleLine), about) }),
    about,
  ),
  mode: setting(oneOf(["on"]), about),
});
const document = {
  motd: "hello",
  pin: "1234",
  logins: [{ user: "a", password: "b" }, { user: "c" }],
  boxes: { x: { key: "k" } },
  mode: "on",
};

describe("what of a document is secret", () => {
  it("every value of a secret type, and of a record its secret members alone", () => {
    expect(secretTexts(model, document)).toEqual(["1234", "b", "k"]);
  });
  it("all of a value that is secret in one of its forms", () => {
    expect(secretTexts(model, { either: "word" })).toEqual(["word"]);
    expect(secretTexts(model, { either: { user: "a", password: "b" } })).toEqual(["a", "b"]);
  });
  it("is left out, with tables that have nothing else", () => {
    expect(withoutSecrets(model, document)).toEqual({ motd: "hello", mode: "on" });
  });
  it("tables that were empty before stay", () => {
    expect(withoutSecrets(model, { boxes: {} })).toEqual({ boxes: {} });
  });
  it("what the model does not know is left out too", () => {
    expect(withoutSecrets(model, { nope: "x", motd: { a: 1 } as never })).toEqual({ motd: { a: 1 } });
  });
});

describe("the names of secrets", () => {
  it("are those of settings and of members", () => {
    expect(secretNames(model)).toEqual(["pin", "password", "either", "key"]);
  });
  it("of the whole model", () => {
    expect(secretNames(testModel().declaration).toSorted()).toEqual([
      "auth",
      "bootstrap-token",
      "config",
      "credentials",
      "https-proxy",
      "identitytoken",
      "manifest",
      "password",
      "server-key",
      "user-data",
    ]);
  });
});
