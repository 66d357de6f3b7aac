/**
 * The file that tells host-ctr about registries: /etc/host-containers/host-ctr.toml.
 *
 * @source  specification "containers" 8.3
 */
import { getStaticTOMLValue, parseTOML } from "toml-eslint-parser";

/** One entry of `creds`; absent members are absent in the file. */
export interface RegistryCredentials {
  readonly username?: string;
  readonly password?: string;
  /** Base64 of USER:PASSWORD. */
  readonly auth?: string;
  readonly identitytoken?: string;
}

/** By the host of the registry; `*` among the mirrors stands for every host without an entry. */
export interface RegistryConfig {
  readonly mirrors: ReadonlyMap<string, readonly string[]>;
  readonly credentials: ReadonlyMap<string, RegistryCredentials>;
}

export const noRegistryConfig: RegistryConfig = { mirrors: new Map(), credentials: new Map() };

/**
 * Reads the text of the file. Keys that it does not know are left alone.
 *
 * @throws Error that says what cannot be used, and where
 */
export function parseRegistryConfig(text: string): RegistryConfig {
  const document = tableOf(getStaticTOMLValue(parseTOML(text, { tomlVersion: "1.0" })), "the document");
  const mirrors = Object.entries(tableOf(document.mirrors ?? {}, "mirrors")).map(
    ([host, entry]): [string, readonly string[]] => {
      const name = `mirrors.${JSON.stringify(host)}`;
      return [host, listOf(tableOf(entry, name).endpoints ?? [], `${name}.endpoints`)];
    },
  );
  const credentials = Object.entries(tableOf(document.creds ?? {}, "creds")).map(
    ([host, entry]): [string, RegistryCredentials] => {
      const name = `creds.${JSON.stringify(host)}`;
      const table = tableOf(entry, name);
      const found: Record<string, string> = {};
      for (const field of ["username", "password", "auth", "identitytoken"]) {
        const value = table[field];
        if (value !== undefined) found[field] = textOf(value, `${name}.${field}`);
      }
      return [host, found];
    },
  );
  return { mirrors: new Map(mirrors), credentials: new Map(credentials) };
}

function tableOf(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new Error(`${name} is not a table`);
}

function listOf(value: unknown, name: string): readonly string[] {
  if (!Array.isArray(value)) throw new Error(`${name} is not a list`);
  return value.map((each: unknown, index) => textOf(each, `${name}[${index}]`));
}

function textOf(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw new Error(`${name} is not a text`);
}
