import { describe, expect, it } from "bun:test";
import { notAsDescribed } from "./described.ts";

describe("an answer that is not as the API is described is told from one that is", () => {
  const json = "application/json";
  const text = "text/plain; charset=utf-8";
  const table: [answer: [string, string, number, string | null, string], problem: string | undefined][] = [
    [["GET", "/tx/list?x=y", 200, json, "[]"], undefined],
    [["GET", "/nope", 404, null, ""], undefined],
    [["POST", "/settings", 404, null, ""], undefined],
    [["GET", "/nope", 200, json, "{}"], "GET /nope 200: not described, so a 404 without a body is due: {}"],
    [["GET", "/nope", 404, text, "no"], "GET /nope 404: not described, so a 404 without a body is due: no"],
    [["GET", "/tx/list", 404, text, "no"], "GET /tx/list 404: the status is not described: no"],
    [["PATCH", "/settings", 204, null, "x"], "PATCH /settings 204: the body is not empty"],
    [
      ["GET", "/os", 200, text, "{}"],
      "GET /os 200: the content type is text/plain; charset=utf-8, described is application/json",
    ],
    [
      ["GET", "/os", 200, json, '{"arch":"x86_64","name":"x"}'],
      "GET /os 200: the body is not as described: data must NOT have additional properties",
    ],
    [
      ["GET", "/services", 200, json, '{"a":{"restart-commands":[1]}}'],
      "GET /services 200: the body is not as described: data/a must have required property 'configuration-files', data/a/restart-commands/0 must be string",
    ],
    [
      ["GET", "/os", 400, text, ""],
      "GET /os 400: the body is not as described: data must NOT have fewer than 1 characters",
    ],
  ];
  it("by its headers too", () => {
    const failed = { status: 500, contentType: text, body: "x" };
    const withCode = (uri: string, code: string) =>
      notAsDescribed("DELETE", uri, { ...failed, ownHeaders: { "pinwheel-error": code } });
    expect(withCode("/tx", "Disk full")).toBe(
      'DELETE /tx 500: the header pinwheel-error is not as described: data must match pattern "^[a-z-]+/[a-z-]+$"',
    );
    const other = { status: 200, contentType: json, body: "[]", ownHeaders: { "pinwheel-x": "y" } };
    expect(notAsDescribed("DELETE", "/tx", other)).toBe(
      "DELETE /tx 200: the header pinwheel-x is not described: y",
    );
  });

  for (const [[method, uri, status, contentType, body], problem] of table) {
    it(`${method} ${uri} ${status} ${contentType} ${body}: ${problem === undefined ? "right" : "wrong"}`, () => {
      expect(notAsDescribed(method, uri, { status, contentType, body, ownHeaders: {} })).toBe(problem);
    });
  }
});
