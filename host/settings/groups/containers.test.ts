/** Host and bootstrap containers, registries, certificates: specification "settings" 6.5, 7.10, 7.17 to 7.19. */
import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { type Json, problemText, sourceFromJson } from "../source.ts";
import { testModel } from "../testing.ts";
import { certificatePem } from "./testdata.ts";

test("the certificate of these tests is one", () => {
  expect(new X509Certificate(certificatePem).subject).toBe("CN=settings test");
});

describe("container-registry as a whole", () => {
  const model = testModel();
  const ask = (registry: Json) => {
    const checked = model.checkSettings(sourceFromJson({ "container-registry": registry }));
    return checked.ok ? Object.fromEntries(checked.leaves) : checked.problems.map((one) => problemText(one));
  };

  test("Check 10: creds is another name of credentials, and both at once are refused", () => {
    expect(ask({ creds: [] })).toEqual({ "settings.container-registry.credentials": [] });
    expect(ask({ creds: [], credentials: [] })).toEqual([
      'settings.container-registry.credentials: "creds" is given as well; accepted: the setting once, under one of its names',
    ]);
  });
  test("passwords, tokens and what holds them are not shown when they are refused", () => {
    expect(ask({ credentials: [{ auth: "hunter2!", password: 1234, identitytoken: "a\nb" }] })).toEqual([
      "settings.container-registry.credentials: item 1: auth: found a text, not shown because it is secret; accepted: a string in base64, without line breaks",
      "settings.container-registry.credentials: item 1: password: found an integer, not shown because it is secret; accepted: a string without line breaks",
      "settings.container-registry.credentials: item 1: identitytoken: found a text, not shown because it is secret; accepted: a string without line breaks",
    ]);
    for (const key of ["container-registry.credentials", "container-registry", "settings"]) {
      expect(JSON.stringify(model.convertText(key, "hunter2!"))).not.toContain("hunter2");
    }
  });
});
