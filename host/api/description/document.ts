/** The description of the API as an OpenAPI 3.1 document. The server loads this only when it is asked for it. */
import type { Json, Schema } from "../../settings/index.ts";
import type { Answer, Endpoint } from "./endpoint.ts";
import { endpoints } from "./endpoints.ts";
import { type HeaderName, headers } from "./headers.ts";
import { type ParameterName, parameters } from "./parameters.ts";
import { type SchemaName, schemas } from "./schemas.ts";

/** The version whose clients the API works with. */
const VERSION = "1.11";

const ABOUT = `Reads and changes the settings of a host. HTTP/1.1 over the Unix socket \`/run/api.sock\`, which root and the group
\`api\` may use, and host containers. \`apiclient raw\` makes any of these requests.

Any other path, and any other method, is answered with 404 and no body (405 at \`/exec\`). The text of a failure is for people and may
change; a failure of the server's own has its code in the header \`Pinwheel-Error\`, where there is one. A status 500
may be answered by any endpoint, where something happens that nobody has foreseen.`;

/** The document as it is served and kept in the repository. */
export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(), undefined, 2)}\n`;
}

function openApiDocument(): Schema {
  const paths = new Map<string, Record<string, Json>>();
  for (const [name, endpoint] of Object.entries(endpoints)) {
    const [method = "", path = ""] = name.split(" ");
    const operations = paths.get(path) ?? {};
    paths.set(path, { ...operations, [method.toLowerCase()]: operation(method, path, endpoint) });
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Pinwheel host API",
      version: VERSION,
      description: ABOUT,
      license: { name: "Apache-2.0 OR MIT", identifier: "Apache-2.0 OR MIT" },
    },
    servers: [
      { url: "http://localhost", description: "Over the Unix socket /run/api.sock; any host name will do" },
    ],
    paths: Object.fromEntries([...paths].sort(([one], [other]) => (one < other ? -1 : 1))),
    components: { schemas },
  };
}

function operation(method: string, path: string, endpoint: Endpoint): Schema {
  const given = [
    ...(endpoint.required ?? []).map((name) => parameter(name, true)),
    ...(endpoint.parameters ?? []).map((name) => parameter(name, false)),
  ];
  const responses = Object.entries(endpoint.replies).map(
    ([status, answer]) => [status, response(answer)] as const,
  );
  const content = endpoint.body === undefined ? undefined : jsonContent(endpoint.body);
  return {
    operationId: operationId(method, path),
    tags: [path === "/" ? "model" : (path.split("/")[1] ?? "")],
    summary: endpoint.summary,
    ...(endpoint.description === undefined ? {} : { description: endpoint.description }),
    ...(given.length === 0 ? {} : { parameters: given }),
    ...(content === undefined ? {} : { requestBody: { required: true, content } }),
    responses: Object.fromEntries(responses),
  };
}

const wordsOf = (path: string): readonly string[] =>
  path === "/" ? ["model"] : (path.match(/[a-z]+/g) ?? []);

/** `getTxList`: for clients that are made from the document. */
function operationId(method: string, path: string): string {
  const words = wordsOf(path).map((word) => word.replace(/^./, (letter) => letter.toUpperCase()));
  return [method.toLowerCase(), ...words].join("");
}

function parameter(name: ParameterName, required: boolean): Json {
  const { description, schema, example } = parameters[name];
  // A list is one value with commas in it, not the parameter again for each item.
  const style = schema.type === "array" ? { style: "form", explode: false } : {};
  return { name, in: "query", required, description, ...style, schema, example };
}

function response({ when, json, empty, mayBeEmpty, headers: names = [] }: Answer): Json {
  const schema: Json = mayBeEmpty === true ? { type: "string" } : { type: "string", minLength: 1 };
  const text: Json = { "text/plain": { schema } };
  return {
    description: when,
    ...(names.length === 0 ? {} : { headers: Object.fromEntries(names.map((name) => [name, header(name)])) }),
    ...(empty === true ? {} : { content: json === undefined ? text : jsonContent(json) }),
  };
}

const header = (name: HeaderName): Json => ({ ...headers[name] });

const jsonContent = (schema: SchemaName | Schema): Json => ({
  "application/json": { schema: schemaOf(schema) },
});

const schemaOf = (schema: SchemaName | Schema): Json =>
  typeof schema === "string" ? { $ref: `#/components/schemas/${schema}` } : schema;
