/** Talking to the endpoints of a registry: who asks, where the answer really is, and what a refusal says. */
import type { Challenge } from "./challenge.ts";
import { parseChallenge } from "./challenge.ts";
import type { Endpoint, Login } from "./endpoints.ts";
import { acceptedTypes } from "./manifest.ts";

/** An endpoint did not give what it was asked for. */
export class EndpointError extends Error {
  constructor(
    what: string,
    /** It did not say no: it was not reached, or could not answer. It may when it is asked again. */
    readonly isOutage: boolean,
    options?: ErrorOptions,
  ) {
    super(what, options);
    this.name = "EndpointError";
  }
}

export interface RegistryOptions {
  /** PEM text of the authorities that are trusted; `undefined` for those of the runtime. */
  readonly authorities: string | undefined;
  /** Ends everything that is under way. */
  readonly stop: AbortSignal;
}

/** Whoever is silent for longer than this is taken for dead; being slow is all right. */
const silenceMs = 20_000;

const maxRedirects = 5;
const maxManifestBytes = 8 * 1024 * 1024;

/** One repository at one endpoint. What it was told to say who asks is kept from one request to the next. */
export class Repository {
  private authorization: string | undefined;

  constructor(
    readonly endpoint: Endpoint,
    private readonly name: string,
    private readonly options: RegistryOptions,
  ) {}

  /** @param which  tag or digest */
  async manifest(which: string): Promise<{ readonly mediaType: string; readonly bytes: Uint8Array }> {
    const url = this.urlOf("manifests", which);
    const silence = new Silence(this.options.stop);
    try {
      const response = await this.get(url, { Accept: acceptedTypes }, silence);
      // The status is the answer; what was to come with it is only for people.
      const bytes = await wholeBody(url, response, silence);
      const mediaType = (response.headers.get("content-type") ?? "").split(";", 1)[0]?.trim() ?? "";
      return { mediaType, bytes };
    } catch (error) {
      throw this.outage(url, error, silence);
    } finally {
      silence.end();
    }
  }

  /**
   * The bytes of a blob from an offset on.
   *
   * @throws EndpointError, also in the middle of it
   */
  async *blob(digest: string, offset: number): AsyncGenerator<Uint8Array, void, undefined> {
    const url = this.urlOf("blobs", digest);
    const silence = new Silence(this.options.stop);
    try {
      const range: Record<string, string> = offset === 0 ? {} : { Range: `bytes=${offset}-` };
      const response = await this.get(url, range, silence);
      // Not every server knows ranges: one that sends all of it is listened to from there on.
      let toSkip = response.status === 206 ? 0 : offset;
      for await (const chunk of response.body ?? []) {
        silence.broken();
        const rest = chunk.subarray(Math.min(toSkip, chunk.length));
        toSkip -= chunk.length - rest.length;
        if (rest.length > 0) yield rest;
      }
    } catch (error) {
      throw this.outage(url, error, silence);
    } finally {
      silence.end();
    }
  }

  private urlOf(kind: "manifests" | "blobs", which: string): string {
    return `${this.endpoint.url}/${this.name}/${kind}/${which}`;
  }

  /** Asks, saying who asks if that is wanted. */
  private async get(url: string, headers: Record<string, string>, silence: Silence): Promise<Response> {
    let response = await this.follow(url, headers, silence);
    if (response.status === 401) {
      const challenge = parseChallenge(response.headers.get("www-authenticate") ?? "");
      const authorization = challenge && (await this.answer(challenge, silence));
      if (authorization !== undefined) {
        await response.body?.cancel();
        this.authorization = authorization;
        response = await this.follow(url, headers, silence);
      }
    }
    if (response.ok) return response;
    throw await refusal(url, response, silence);
  }

  /** Blobs are often elsewhere; whoever has them there is not told our password. */
  private async follow(url: string, headers: Record<string, string>, silence: Silence): Promise<Response> {
    let at = new URL(url);
    for (let hop = 0; hop <= maxRedirects; hop++) {
      const isOurs = at.origin === new URL(url).origin;
      const authorization: Record<string, string> =
        isOurs && this.authorization !== undefined ? { Authorization: this.authorization } : {};
      const response = await this.fetch(at.href, { ...headers, ...authorization }, silence);
      const location = response.headers.get("location");
      if (response.status < 300 || response.status >= 400 || location === null) return response;
      await response.body?.cancel();
      at = new URL(location, at);
    }
    throw new EndpointError(`GET ${url}: more than ${maxRedirects} redirections`, false);
  }

  /** What to say who asks; `undefined` if we have nothing to say. */
  private async answer(challenge: Challenge, silence: Silence): Promise<string | undefined> {
    const { login } = this.endpoint;
    if (challenge.kind === "basic") return basic(login);
    const url = new URL(challenge.realm);
    const scope = challenge.scope === "" ? `repository:${this.name}:pull` : challenge.scope;
    if (login.kind === "token") {
      const body = new URLSearchParams({
        grant_type: "refresh_token",
        service: challenge.service,
        client_id: "pinwheel",
        scope,
        refresh_token: login.identityToken,
      });
      return this.token(url.href, { method: "POST", body: body.toString() }, silence);
    }
    if (challenge.service !== "") url.searchParams.set("service", challenge.service);
    url.searchParams.set("scope", scope);
    const authorization = basic(login);
    return this.token(
      url.href,
      { headers: authorization === undefined ? {} : { Authorization: authorization } },
      silence,
    );
  }

  private async token(url: string, init: RequestInit, silence: Silence): Promise<string> {
    const headers = { "Content-Type": "application/x-www-form-urlencoded", ...init.headers };
    const response = await this.fetch(url, init.method === "POST" ? headers : init.headers, silence, init);
    if (!response.ok) throw await refusal(url, response, silence);
    const answer: unknown = JSON.parse(new TextDecoder().decode(await wholeBody(url, response, silence)));
    const fields = typeof answer === "object" && answer !== null ? (answer as Record<string, unknown>) : {};
    const token = fields.token ?? fields.access_token;
    if (typeof token !== "string") throw new EndpointError(`GET ${url}: the answer has no token`, false);
    return `Bearer ${token}`;
  }

  private fetch(
    url: string,
    headers: RequestInit["headers"],
    silence: Silence,
    init: RequestInit = {},
  ): Promise<Response> {
    const { authorities } = this.options;
    silence.broken();
    return fetch(url, {
      ...init,
      headers: headers ?? {},
      redirect: "manual",
      signal: silence.signal,
      ...(authorities === undefined ? {} : { tls: { ca: authorities } }),
    });
  }

  /** The reason why nothing more comes, in our words. */
  private outage(url: string, error: unknown, silence: Silence): unknown {
    if (error instanceof EndpointError || this.options.stop.aborted) return error;
    const why = silence.isOver ? `silent for ${silenceMs / 1000} s` : messageOf(error);
    return new EndpointError(`GET ${url}: ${why}`, true, { cause: error });
  }
}

/** Ends a request whose server has fallen silent. */
class Silence {
  private readonly controller = new AbortController();
  private readonly onStop = () => this.controller.abort();
  private timer: ReturnType<typeof setTimeout> | undefined;
  isOver = false;

  constructor(private readonly stop: AbortSignal) {
    if (stop.aborted) this.controller.abort();
    stop.addEventListener("abort", this.onStop);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Something was said, or asked. */
  broken(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.isOver = true;
      this.controller.abort();
    }, silenceMs);
  }

  end(): void {
    clearTimeout(this.timer);
    this.stop.removeEventListener("abort", this.onStop);
  }
}

function basic(login: Login): string | undefined {
  if (login.kind !== "password") return undefined;
  return `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
}

async function refusal(url: string, response: Response, silence: Silence): Promise<EndpointError> {
  // The status is the answer; what was to come with it is only for people.
  const bytes = await wholeBody(url, response, silence).catch(() => new Uint8Array());
  const said = errorsIn(new TextDecoder().decode(bytes));
  const status = `${response.status} ${response.statusText}`.trim();
  const isOutage = response.status >= 500 || response.status === 429;
  return new EndpointError(`GET ${url}: status ${status}${said === "" ? "" : ` (${said})`}`, isOutage);
}

/** The messages in a registry's answer; none if it is not of the form that registries have. */
function errorsIn(text: string): string {
  try {
    const { errors } = JSON.parse(text) as { errors?: readonly { code?: string; message?: string }[] };
    return (errors ?? []).map(({ code, message }) => [code, message].filter(Boolean).join(": ")).join("; ");
  } catch {
    // A page for people, from a proxy for example: the status says it all.
    return "";
  }
}

async function wholeBody(url: string, response: Response, silence: Silence): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    silence.broken();
    size += chunk.length;
    if (size > maxManifestBytes) throw new EndpointError(`GET ${url}: more than 8 MiB`, false);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
