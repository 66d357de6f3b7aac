/**
 * Asks Amazon ECR for a login, as whoever this host is in AWS: by the environment, /root/.aws, or the instance's role.
 *
 * The SDK of AWS is loaded with the first login that is asked for, and of its clients only the one that is needed.
 */
import { messageOf } from "../../../linux/failure.ts";
import { containersFailure } from "../../failures.ts";
import type { Login } from "../endpoints.ts";
import type { EcrRegistry } from "./reference.ts";

export interface LoginOptions {
  /** PEM text of the authorities that are trusted; `undefined` for those of the runtime. */
  readonly authorities: string | undefined;
  readonly stop: AbortSignal;
}

export type Answer =
  /** `endsMs`: when it is not good any more, as Date.now() counts. */
  | { readonly kind: "issued"; readonly login: Login; readonly endsMs: number }
  | {
      readonly kind: "refused";
      readonly failure: ReturnType<typeof containersFailure>;
      /** Nobody said no. */
      readonly isOutage: boolean;
    };

/** What the SDK answers, of either kind of registry. */
interface Token {
  readonly authorizationToken?: string | undefined;
  readonly expiresAt?: Date | undefined;
}

/** Whoever takes longer is taken for dead. */
const requestTimeout = 20_000;

/** The pull is tried again as a whole; the second one is for a clock that is wrong, which the SDK sets by the first. */
const maxAttempts = 2;

/** A login that ends this soon is not begun with. */
const reserveMs = 60_000;

/** @throws whatever ends it when `stop` does; every other outcome is a value */
export async function askForLogin(registry: EcrRegistry, options: LoginOptions): Promise<Answer> {
  /** What was asked last: it may be the part of AWS that gives credentials, too. */
  let asked = "";
  const noLogin = (answer: string, isOutage: boolean): Answer => {
    const facts = { registry: nameOf(registry), answer: `${asked}${answer}` };
    return { kind: "refused", failure: containersFailure("image/ecr-no-login", facts), isOutage };
  };
  try {
    const token = await askForToken(registry, options, (request) => {
      asked = `${request}: `;
    });
    const [username, password] = halvesOf(token?.authorizationToken);
    if (username === undefined || password === undefined)
      return noLogin("the answer has no login in it", false);
    const endsMs = (token?.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY) - reserveMs;
    return { kind: "issued", login: { kind: "password", username, password }, endsMs };
  } catch (error) {
    options.stop.throwIfAborted();
    const { name = "", $metadata }: SdkError = error instanceof Error ? error : {};
    if (name === "CredentialsProviderError") {
      const failure = containersFailure("image/ecr-no-credentials", { registry: nameOf(registry) });
      // Nobody was asked, so nobody said no.
      return { kind: "refused", failure, isOutage: true };
    }
    // What was thrown is not kept as the cause: it may quote the whole request, and with it who asked.
    const said = firstLine(messageOf(error));
    const status = $metadata?.httpStatusCode;
    if (status === undefined) return noLogin(said, true);
    const isOutage = status >= 500 || status === 429 || /throttl|toomanyrequests/i.test(name);
    return noLogin(`status ${status} ${name}${said === "" ? "" : ` (${said})`}`, isOutage);
  }
}

async function askForToken(
  registry: EcrRegistry,
  { authorities, stop }: LoginOptions,
  onAsked: (request: string) => void,
): Promise<Token | undefined> {
  const { FetchHttpHandler } = await import("@smithy/fetch-http-handler");
  // Not the SDK's own, which knows neither the proxy of the host nor the authorities that it trusts.
  const ask = (request: Request | URL | string) => {
    onAsked(request instanceof Request ? `${request.method} ${request.url}` : `POST ${request}`);
    return fetch(request, authorities === undefined ? {} : { tls: { ca: authorities } });
  };
  const { preconnect } = fetch;
  const requestHandler = new FetchHttpHandler({
    requestTimeout,
    customFetch: Object.assign(ask, { preconnect }),
  });
  switch (registry.kind) {
    case "private": {
      const { ECRClient, GetAuthorizationTokenCommand } = await import("@aws-sdk/client-ecr");
      const { region, isFips } = registry;
      const client = new ECRClient({ region, requestHandler, maxAttempts, useFipsEndpoint: isFips });
      const answer = await client.send(new GetAuthorizationTokenCommand({}), { abortSignal: stop });
      return answer.authorizationData?.[0];
    }
    case "public": {
      const { ECRPUBLICClient, GetAuthorizationTokenCommand } = await import("@aws-sdk/client-ecr-public");
      // Specification "containers" 8.6: there, wherever the host is.
      const client = new ECRPUBLICClient({ region: "us-east-1", requestHandler, maxAttempts });
      const answer = await client.send(new GetAuthorizationTokenCommand({}), { abortSignal: stop });
      return answer.authorizationData;
    }
  }
}

/** Name and password of a token; none if it is not the base64 of both. */
function halvesOf(token: string | undefined): readonly string[] {
  const text = Buffer.from(token ?? "", "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? [] : [text.slice(0, colon), text.slice(colon + 1)];
}

/** What the SDK throws has no type of its own; these are what its documentation says of them. */
interface SdkError {
  readonly name?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** With a wrong signature AWS answers with all that it has signed itself, from the second line on. */
function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

function nameOf(registry: EcrRegistry): string {
  return registry.kind === "public" ? "ECR Public" : `ECR in ${registry.region}`;
}
