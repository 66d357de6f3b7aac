/** What a registry asks for when it answers 401: the header WWW-Authenticate (RFC 9110, and the registries' own). */

export type Challenge =
  | { readonly kind: "basic" }
  | { readonly kind: "bearer"; readonly realm: string; readonly service: string; readonly scope: string };

/** @returns `undefined` if there is no way among those it offers that we know */
export function parseChallenge(header: string): Challenge | undefined {
  const bearer = /(?:^|,)\s*bearer\s+(.*)$/i.exec(header)?.[1];
  if (bearer !== undefined) {
    const parameters = new Map<string, string>();
    for (const [, name = "", quoted, plain] of bearer.matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|([^",\s]+))/g)) {
      parameters.set(name.toLowerCase(), quoted ?? plain ?? "");
    }
    const realm = parameters.get("realm");
    if (realm !== undefined) {
      return {
        kind: "bearer",
        realm,
        service: parameters.get("service") ?? "",
        scope: parameters.get("scope") ?? "",
      };
    }
  }
  return /(?:^|,)\s*basic\b/i.test(header) ? { kind: "basic" } : undefined;
}
