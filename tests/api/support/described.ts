/**
 * Holds answers of the real server against the description of the API, and keeps which statuses have been seen: when
 * all tests of the level are over, tests/api-described/ looks whether that are all that are described.
 */
import Ajv2020, { type ValidateFunction } from "ajv/dist/2020.js";
import { openApiText } from "../../../host/api/description/document.ts";
import { keepSeen } from "./seen.ts";

/** An answer as it came over the socket. */
export interface Received {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: string;
  /** The headers that are our own, in small letters. */
  readonly ownHeaders: Readonly<Record<string, string>>;
}

interface Response {
  readonly content?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, { readonly schema: object }>>;
}

interface Operation {
  readonly responses: Readonly<Record<string, Response>>;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const description = JSON.parse(openApiText()) as Description;

/** The statuses that are described, as `METHOD /path status`. */
export const described: readonly string[] = Object.entries(description.paths).flatMap(([path, operations]) =>
  Object.entries(operations).flatMap(([method, { responses }]) =>
    Object.keys(responses).map((status) => `${method.toUpperCase()} ${path} ${status}`),
  ),
);

/**
 * What is not as described in an answer, one sentence; undefined if all is.
 *
 * @param uri  as it was asked for, with its query
 */
export function notAsDescribed(method: string, uri: string, answer: Received): string | undefined {
  const problem = problemOf(method, uri, answer);
  if (problem === undefined) keepSeen(`${method} ${pathOf(uri)} ${answer.status}`);
  return problem;
}

const pathOf = (uri: string): string => uri.split("?", 1)[0] ?? "";

function problemOf(method: string, uri: string, answer: Received): string | undefined {
  const path = pathOf(uri);
  const operation = description.paths[path]?.[method.toLowerCase()];
  const where = `${method} ${path} ${answer.status}`;
  if (operation === undefined) {
    const isNothing = answer.status === 404 && answer.body === "";
    return isNothing ? undefined : `${where}: not described, so a 404 without a body is due: ${answer.body}`;
  }
  const response = operation.responses[answer.status];
  if (response === undefined) return `${where}: the status is not described: ${answer.body}`;
  for (const [name, value] of Object.entries(answer.ownHeaders)) {
    const header = Object.entries(response.headers ?? {}).find(([one]) => one.toLowerCase() === name)?.[1];
    if (header === undefined) return `${where}: the header ${name} is not described: ${value}`;
    if (!ajv.validate(header.schema, value)) {
      return `${where}: the header ${name} is not as described: ${ajv.errorsText()}`;
    }
  }
  const [contentType] = Object.keys(response.content ?? {});
  if (contentType === undefined) return answer.body === "" ? undefined : `${where}: the body is not empty`;
  if (answer.contentType?.split(";")[0] !== contentType) {
    return `${where}: the content type is ${answer.contentType}, described is ${contentType}`;
  }
  const isRight = validator(path, method.toLowerCase(), answer.status, contentType);
  const value: unknown = contentType === "application/json" ? JSON.parse(answer.body) : answer.body;
  return isRight(value)
    ? undefined
    : `${where}: the body is not as described: ${ajv.errorsText(isRight.errors)}`;
}

// `strict` would refuse what OpenAPI has besides schemas.
const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
const ROOT = "openapi";

function validator(
  ...[path, method, status, contentType]: [string, string, number, string]
): ValidateFunction {
  if (ajv.getSchema(ROOT) === undefined) ajv.addSchema(description, ROOT);
  const steps = ["paths", path, method, "responses", String(status), "content", contentType, "schema"];
  const pointer = steps.map((step) => step.replaceAll("~", "~0").replaceAll("/", "~1")).join("/");
  const found = ajv.getSchema(`${ROOT}#/${pointer}`);
  if (found === undefined) throw new Error(`the description has no ${pointer}`);
  return found;
}
