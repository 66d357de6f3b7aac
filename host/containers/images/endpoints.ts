/**
 * Where an image is looked for: the mirrors of its registry, then the registry itself.
 *
 * @source  specification "containers" 8.4
 */
import type { EcrRegistry } from "./ecr/reference.ts";
import type { RegistryConfig, RegistryCredentials } from "./registry-config.ts";

/** A server that may have an image. */
export interface Endpoint {
  /** Without a slash at its end: `https://cache.example/v2`. */
  readonly url: string;
  /** What to say who asks: a name with a password, a refresh token, or nothing; or who issues that. */
  readonly login: Login | IssuedByEcr;
}

/** A name with a password that Amazon ECR issues to whoever has credentials of AWS, for a few hours. */
export interface IssuedByEcr {
  readonly kind: "ecr";
  readonly registry: EcrRegistry;
}

export type Login =
  | { readonly kind: "anonymous" }
  | { readonly kind: "password"; readonly username: string; readonly password: string }
  | { readonly kind: "token"; readonly identityToken: string };

/**
 * The endpoints for a registry, in the order in which they are asked.
 *
 * A mirror is told its own credentials only. The reference offers those of the registry to every mirror of it, whoever
 * that belongs to, and never uses a mirror's own. Credentials for ECR Public that are set come before those it issues,
 * which in the reference hide them.
 *
 * @param host  as in the image's reference
 * @throws  Error that quotes an endpoint or names an entry that cannot be used
 */
export function endpointsFor(host: string, { mirrors, credentials }: RegistryConfig): readonly Endpoint[] {
  const home = host === "docker.io" ? "registry-1.docker.io" : host;
  const listed = mirrors.get(host) ?? mirrors.get("*") ?? [];
  const endpoints = [...listed, home].map((text): Endpoint => {
    const { host: at, url } = urlOf(text);
    return { url, login: loginOf(at, credentials.get(at)) };
  });
  // The registry itself, and no mirror of it, whatever name that goes by.
  if (home !== ecrPublic || credentials.has(home)) return endpoints;
  return endpoints.with(-1, { url: urlOf(home).url, login: { kind: "ecr", registry: { kind: "public" } } });
}

const ecrPublic = "public.ecr.aws";

const loopback = ["localhost", "127.0.0.1", "::1"];

function urlOf(text: string): { readonly host: string; readonly url: string } {
  const bare = text === "::1" ? "[::1]" : text;
  const full = text.includes("://") ? text : `${loopback.includes(text) ? "http" : "https"}://${bare}`;
  let url: URL;
  try {
    url = new URL(full);
  } catch (cause) {
    throw new Error(`The endpoint ${JSON.stringify(text)} of a registry is not an address`, { cause });
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new Error(`The endpoint ${JSON.stringify(text)} of a registry is neither http nor https`);
  }
  const path = url.pathname === "/" ? "/v2" : url.pathname.replace(/\/+$/, "");
  return { host: url.host, url: `${url.protocol}//${url.host}${path}` };
}

function loginOf(host: string, entry: RegistryCredentials | undefined): Login {
  const { username, password = "", auth, identitytoken } = entry ?? {};
  if (username !== undefined) return { kind: "password", username, password };
  if (identitytoken !== undefined) return { kind: "token", identityToken: identitytoken };
  if (auth === undefined) return { kind: "anonymous" };
  const decoded = Buffer.from(auth, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon < 0) throw new Error(`creds.${JSON.stringify(host)}.auth is not the base64 of USER:PASSWORD`);
  return { kind: "password", username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}
