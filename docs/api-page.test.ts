import { describe, expect, test } from "bun:test";
import { apiPage, readApi } from "./api-page.ts";

const api = readApi({
  info: { description: "Over `/run/api.sock`.\n\nSecond paragraph." },
  paths: {
    "/settings": {
      patch: {
        summary: "Store settings",
        description: "All of the body is checked.",
        parameters: [
          { name: "tx", in: "query", required: false, description: "The transaction", example: "mine" },
        ],
        requestBody: {},
        responses: { "204": { description: "Stored" }, "400": { description: "Not `accepted`" } },
      },
    },
    "/tx": { get: { summary: "What is pending", responses: {} } },
  },
});

describe("the page of the API", () => {
  const { content, topics } = apiPage(api);
  test("has a section for each request, with parameters, answers and a command", () => {
    for (const part of [
      "<p>Over <code>/run/api.sock</code>.</p>",
      "<p>Second paragraph.</p>",
      '<section class="key" id="PATCH:/settings"',
      "<p>Store settings.</p>",
      "<dt><code>tx</code></dt><dd>The transaction</dd>",
      "<dt>400</dt><dd>Not <code>accepted</code></dd>",
      "apiclient raw -m PATCH -u &#39;/settings?tx=mine&#39; -d &#39;{…}&#39;",
      "apiclient raw -u &#39;/tx&#39;",
    ]) {
      expect(content.text).toContain(part);
    }
  });
  test("is found by the search", () => {
    expect(topics).toEqual([
      { anchor: "PATCH:/settings", name: "PATCH /settings", about: "Store settings" },
      { anchor: "GET:/tx", name: "GET /tx", about: "What is pending" },
    ]);
  });
  test("takes a document that lacks everything", () => {
    expect(readApi(null)).toEqual({ about: "", operations: [] });
  });
});
