/** What a request asks, taken out of HTTP once: the routes see only this. */

/** One request, as the routes see it. */
export interface ApiRequest {
  readonly method: string;
  /** Exactly as sent, without query; paths are compared exactly (api.md 5). */
  readonly path: string;
  /** Decoded; of a repeated parameter the last one is kept. */
  readonly query: ReadonlyMap<string, string>;
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}

/**
 * Splits a request target into path and decoded query.
 *
 * @param url  origin form (`/settings?x=y`) or absolute form (`http://host/settings`); a fragment is dropped
 * @source  specification "api" 5: form-urlencoded, `+` is a space, the last of a repeated parameter wins
 */
export function readTarget(url: string): Pick<ApiRequest, "path" | "query"> {
  const scheme = url.startsWith("/") ? -1 : url.indexOf("://");
  const start = scheme === -1 ? 0 : url.indexOf("/", scheme + 3);
  const end = url.indexOf("#");
  const target = start === -1 ? "" : url.slice(start, end === -1 ? undefined : end);
  const mark = target.indexOf("?");
  const path = mark === -1 ? target : target.slice(0, mark);
  return {
    path: path === "" ? "/" : path,
    query: mark === -1 ? NO_QUERY : new Map(new URLSearchParams(target.slice(mark + 1))),
  };
}

const NO_QUERY: ReadonlyMap<string, string> = new Map();

/** Whether a body of this content type is JSON: `application/json`, or any subtype that ends in `+json`. */
export function isJsonContentType(contentType: string | undefined): boolean {
  const essence = (contentType ?? "").split(";", 1)[0] ?? "";
  return /^(application\/json|[^/\s]+\/[^/\s]+\+json)$/i.test(essence.trim());
}
