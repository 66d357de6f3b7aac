/** Which registries the settings name, and how each is asked. Decides only. */
import { parseEcrReference } from "../containers/images/ecr/reference.ts";

type Table = Readonly<Record<string, unknown>>;

/** A registry and the proxy that is between. */
export interface RegistryToAsk {
  readonly url: string;
  readonly host: string;
  readonly proxy: string | undefined;
}

const MOST = 32; // each is asked at once, and takes a connection

/**
 * The registries of the images of all containers that may run, and the endpoints of the mirrors, each once.
 *
 * @param settings  nested, without an outer layer
 */
export function registriesToAsk(settings: Table): readonly RegistryToAsk[] {
  const urls = new Set([...imageRegistries(settings), ...mirrorEndpoints(settings)]);
  const network = tableOf(settings.network);
  return [...urls]
    .sort()
    .slice(0, MOST)
    .flatMap((text) => {
      const url = URL.parse(text);
      return url === null ? [] : [{ url: text, host: url.hostname, proxy: proxyFor(url, network) }];
    });
}

function imageRegistries(settings: Table): readonly string[] {
  const host = Object.values(tableOf(settings["host-containers"])).map(tableOf);
  const bootstrap = Object.values(tableOf(settings["bootstrap-containers"])).map(tableOf);
  return [
    ...host.filter(({ enabled }) => enabled === true),
    ...bootstrap.filter(({ mode }) => mode === "once" || mode === "always"),
  ].flatMap(({ source }) => (typeof source === "string" ? [`https://${registryOf(source)}/v2/`] : []));
}

/** What stands before the first slash if it can be a host; other names are short for Docker's registry. */
function registryOf(reference: string): string {
  const ecr = parseEcrReference(reference);
  if (ecr !== undefined && "image" in ecr) return ecr.image.host;
  const [first = "", ...rest] = reference.split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return isHost && first !== "docker.io" ? first : "registry-1.docker.io";
}

/** Mirrors are a list of registries with endpoints, or a table from registry to endpoints. */
function mirrorEndpoints(settings: Table): readonly string[] {
  const { mirrors } = tableOf(settings["container-registry"]);
  const entries = Array.isArray(mirrors) ? mirrors : Object.values(tableOf(mirrors));
  return entries
    .flatMap((entry: unknown) => (Array.isArray(entry) ? entry : (tableOf(entry).endpoint ?? [])))
    .flatMap((endpoint: unknown) => {
      if (typeof endpoint !== "string") return [];
      const url = /^https?:\/\//.test(endpoint) ? endpoint : `https://${endpoint}`;
      return [/\/v2(\/|$)/.test(url) ? url : `${url.replace(/\/+$/, "")}/v2/`];
    });
}

function proxyFor({ protocol, hostname }: URL, network: Table): string | undefined {
  const { "https-proxy": proxy, "no-proxy": direct } = network;
  if (protocol !== "https:" || typeof proxy !== "string") return undefined;
  const isDirect = (Array.isArray(direct) ? direct : []).some((entry: unknown) => {
    const domain = String(entry).replace(/^\*?\./, "");
    return hostname === domain || hostname.endsWith(`.${domain}`);
  });
  if (isDirect || hostname === "localhost" || hostname === "127.0.0.1") return undefined;
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

const tableOf = (value: unknown): Table =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Table) : {};
