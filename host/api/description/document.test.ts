import { describe, expect, it } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { takesBody } from "../routes.ts";
import { ExampleApi, some } from "../testing.ts";
import { openApiText } from "./document.ts";
import { endpoints } from "./endpoints.ts";
import { parameters } from "./parameters.ts";
import { schemas } from "./schemas.ts";

const committed = join(import.meta.dir, "../../../docs/openapi.json");

describe("the description of the API", () => {
  it("in the repository is that of the code; if not: bin/pinwheel openapi", () => {
    expect(readFileSync(committed, "utf8")).toBe(openApiText());
  });

  it("is a right OpenAPI 3.1 document", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(JSON.parse(openApiText()));
    expect({ valid, errors, version: validator.version }).toEqual({
      valid: true,
      errors: undefined,
      version: "3.1",
    });
  });

  it("would not be right with a reply that has no description", async () => {
    const document = JSON.parse(openApiText());
    delete document.paths["/os"].get.responses["200"].description;
    expect((await new Validator().validate(document)).valid).toBe(false);
  });

  it("is served, and listed under /docs/", async () => {
    const api = new ExampleApi();
    expect(await api.ask("GET", "/docs/openapi.json")).toEqual({
      status: 200,
      kind: "json",
      body: openApiText(),
    });
    const list = JSON.parse((await api.ask("GET", "/docs/")).body);
    for (const name of Object.keys(list)) {
      expect((await api.ask("GET", `/docs/${name}`)).status).toBe(200);
    }
  });

  it("has a name of its own for each operation, and no schema that nothing refers to", () => {
    const text = openApiText();
    const ids = [...text.matchAll(/"operationId": "(.*)"/g)].map(([, id]) => id);
    expect(ids).toHaveLength(Object.keys(endpoints).length);
    expect(new Set(ids).size).toBe(ids.length);
    const unused = Object.keys(schemas).filter((name) => !text.includes(`"#/components/schemas/${name}"`));
    expect(unused).toEqual([]);
  });

  it("says of those endpoints that they take a body whose bodies are read", () => {
    for (const [name, { body, replies }] of Object.entries(endpoints)) {
      const [method = "", path = ""] = name.split(" ");
      expect([name, takesBody(method, path)]).toEqual([name, body !== undefined]);
      // Only who reads a body can find it too long.
      expect([name, 413 in replies]).toEqual([name, body !== undefined]);
    }
  });

  // What becomes of a connection that leaves HTTP is up to its own protocol.
  const requests = Object.entries(endpoints).filter(([, { replies }]) => !(101 in replies));
  for (const [name, { parameters: optional = [], required = [] }] of requests) {
    const [method = "", path = ""] = name.split(" ");
    it(`names all parameters of ${name}`, async () => {
      // An empty value is refused by who looks at it, and only by them.
      const looked: string[] = [];
      for (const parameter of Object.keys(parameters)) {
        const rest = required.filter((one) => one !== parameter).map((one) => `${one}=settings.motd&`);
        const { status } = await new ExampleApi(some).ask(
          method,
          `${path}?${rest.join("")}${parameter}=`,
          "{}",
        );
        if (status === 400) looked.push(parameter);
      }
      expect(looked.sort()).toEqual([...optional, ...required].sort());
      const { status } = await new ExampleApi(some).ask(method, path, "{}");
      expect(status === 400).toBe(required.length > 0);
    });
  }
});
