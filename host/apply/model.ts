/** What the applier asks of the API, checked once at this border. */

import { failure } from "./failures.ts";
import type { ConfigurationFile, Service } from "./plan.ts";
import type { Model } from "./template.ts";

/** One request to the API: `callApi` of the client, with its socket already chosen. */
export type CallApi = (
  method: string,
  uri: string,
  body?: string,
) => Promise<{ status: number; body: string }>;

// A commit may change thousands of keys, and a server takes only so much in one request line.
const longestList = 4096; // bytes, encoded

/** The services that these keys affect; keys without any are absent. */
export async function fetchAffected(
  call: CallApi,
  keys: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const affected = new Map<string, readonly string[]>();
  for (const part of parts(keys.map(encodeURIComponent))) {
    const uri = `/metadata/affected-services?keys=${part}`;
    for (const [key, names] of Object.entries(await getObject(call, uri)))
      affected.set(key, strings(names, uri));
  }
  return affected;
}

/** Comma-joined lists, each as long as may be and with at least one word. */
function parts(words: readonly string[]): readonly string[] {
  const lists: string[] = [];
  let list = "";
  for (const word of words) {
    if (list !== "" && list.length + 1 + word.length > longestList) {
      lists.push(list);
      list = "";
    }
    list += list === "" ? word : `,${word}`;
  }
  return list === "" ? lists : [...lists, list];
}

/** The definitions of these services, or of all. */
export async function fetchServices(call: CallApi, names?: readonly string[]): Promise<readonly Service[]> {
  const uri = names === undefined ? "/services" : `/services?names=${list(names)}`;
  return Object.entries(await getObject(call, uri)).map(([name, value]) => {
    const service = object(value, uri);
    return {
      name,
      configurationFiles: strings(service["configuration-files"], uri),
      restartCommands: strings(service["restart-commands"], uri),
    };
  });
}

/** The definitions of these configuration files, or of all. */
export async function fetchFiles(
  call: CallApi,
  names?: readonly string[],
): Promise<readonly ConfigurationFile[]> {
  if (names?.length === 0) return [];
  const uri = names === undefined ? "/configuration-files" : `/configuration-files?names=${list(names)}`;
  return Object.entries(await getObject(call, uri)).map(([name, value]) => {
    const file = object(value, uri);
    return { name, path: string(file.path, uri), templatePath: string(file["template-path"], uri) };
  });
}

/** The whole live model: the data of every template. */
export async function fetchModel(call: CallApi): Promise<Model> {
  return getObject(call, "/");
}

/** The template of a generated setting, which must be there and not empty. */
export async function fetchTemplateOf(call: CallApi, key: string): Promise<string> {
  const uri = `/metadata/templates?keys=${encodeURIComponent(key)}`;
  const template = (await getObject(call, uri))[key];
  if (typeof template === "string" && template !== "") return template;
  throw failure("apply/api", { request: `GET ${uri}`, answer: `there is no template for ${key}` });
}

/**
 * Asks for a JSON object.
 *
 * @throws  Failure "apply/api" if the answer is no 2xx or no object
 */
export async function getObject(call: CallApi, uri: string): Promise<Readonly<Record<string, unknown>>> {
  const { status, body } = await call("GET", uri);
  if (status < 200 || status > 299) {
    throw failure("apply/api", { request: `GET ${uri}`, answer: `status ${status}: ${body}` });
  }
  return object(parsed(body, uri), uri);
}

/** A comma-joined list in a query. Names never have commas; everything else that would end it is encoded. */
function list(names: readonly string[]): string {
  return names.map(encodeURIComponent).join(",");
}

function parsed(body: string, uri: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw failure("apply/api", { request: `GET ${uri}`, answer: "the body is not JSON" }, { cause });
  }
}

function object(value: unknown, uri: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw failure("apply/api", {
    request: `GET ${uri}`,
    answer: "found something else where an object is needed",
  });
}

function string(value: unknown, uri: string): string {
  if (typeof value === "string") return value;
  throw failure("apply/api", {
    request: `GET ${uri}`,
    answer: "found something else where a string is needed",
  });
}

function strings(value: unknown, uri: string): readonly string[] {
  if (Array.isArray(value)) return value.map((item) => string(item, uri));
  throw failure("apply/api", {
    request: `GET ${uri}`,
    answer: "found something else where a list is needed",
  });
}
