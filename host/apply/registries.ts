/**
 * settings.container-registry as the programs that pull images want it. An element may come twice for one registry,
 * which most of those programs refuse: here each registry comes once, where it first stood.
 */

import { isTable, kindOf } from "./kinds.ts";

/** A registry and where its images are fetched from instead. */
export interface Mirror {
  readonly registry: string;
  readonly endpoint: readonly string[];
}

/** A registry and what to log in there with: only what is set and not empty. */
export interface Credentials {
  readonly registry: string;
  readonly fields: { readonly [Field in CredentialField]?: string };
}

type CredentialField = (typeof credentialFields)[number];
const credentialFields = ["auth", "identitytoken", "password", "username"] as const;

/**
 * The mirrors of each registry: the endpoints of all its elements in order, each once.
 *
 * @throws  Error naming the element without registry or endpoint
 */
export function mirrorsByRegistry(mirrors: unknown): readonly Mirror[] {
  const endpoints = new Map<string, Set<string>>();
  for (const [index, element] of elementsOf(mirrors).entries()) {
    const registry = registryOf(element, index);
    const endpoint: unknown = Reflect.get(element, "endpoint");
    if (!Array.isArray(endpoint) || !endpoint.every((each) => typeof each === "string"))
      throw new Error(`element ${index + 1} must have a list of endpoints, and has ${kindOf(endpoint)}`);
    const known = endpoints.get(registry) ?? new Set();
    for (const each of endpoint) known.add(each);
    endpoints.set(registry, known);
  }
  return [...endpoints].map(([registry, known]) => ({ registry, endpoint: [...known] }));
}

/**
 * The credentials of each registry: those of its last element, because one's user with another's password is nobody.
 *
 * @param dockerHub  what the reader of the file calls docker.io
 * @throws  Error naming the element without registry
 */
export function credentialsByRegistry(credentials: unknown, dockerHub: string): readonly Credentials[] {
  const byRegistry = new Map<string, Credentials["fields"]>();
  for (const [index, element] of elementsOf(credentials).entries()) {
    const given = registryOf(element, index);
    const fields = credentialFields.flatMap((field) => {
      const value: unknown = Reflect.get(element, field);
      return typeof value === "string" && value !== "" ? [[field, value]] : [];
    });
    byRegistry.set(given === "docker.io" ? dockerHub : given, Object.fromEntries(fields));
  }
  return [...byRegistry].map(([registry, fields]) => ({ registry, fields }));
}

/**
 * Credentials as the ECS agent reads them, in one line of JSON. It looks at `auth` alone, so that is made from user
 * and password where it is not set.
 */
export function ecsAuthData(credentials: unknown): string {
  const entries = credentialsByRegistry(credentials, "https://index.docker.io/v1/").map(
    ({ registry, fields: { auth, username, password } }) => {
      const both = username !== undefined && password !== undefined;
      const made = both ? Buffer.from(`${username}:${password}`).toString("base64") : undefined;
      return [registry, { email: ".", auth: auth ?? made, username, password }] as const;
    },
  );
  return JSON.stringify(Object.fromEntries(entries));
}

/** The endpoints of the mirrors of exactly this registry, as URLs, which is what dockerd takes. */
export function mirrorUrls(mirrors: unknown, registry: string): readonly string[] {
  const found = mirrorsByRegistry(mirrors).find((mirror) => mirror.registry === registry);
  return (found?.endpoint ?? []).map(withScheme);
}

/** As with the mirrors of host containers: https, but for the host itself. */
function withScheme(endpoint: string): string {
  if (endpoint.includes("://")) return endpoint;
  const isLocal = /^(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$)/.test(endpoint);
  return `${isLocal ? "http" : "https"}://${endpoint}`;
}

function elementsOf(list: unknown): readonly object[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw new Error(`needs a list, and found ${kindOf(list)}`);
  return list.map((element: unknown, index) => {
    if (isTable(element)) return element;
    throw new Error(`element ${index + 1} must be a table, and is ${kindOf(element)}`);
  });
}

function registryOf(element: object, index: number): string {
  const registry: unknown = Reflect.get(element, "registry");
  if (typeof registry === "string" && registry !== "") return registry;
  throw new Error(`element ${index + 1} has no registry`);
}
