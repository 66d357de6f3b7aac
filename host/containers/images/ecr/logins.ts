/** The logins that ECR has issued for one pull, each kept for as long as it is good. */
import type { Log } from "../../../linux/log.ts";
import type { Login } from "../endpoints.ts";
import { EndpointError } from "../registry.ts";
import type { LoginOptions } from "./login.ts";
import type { EcrRegistry } from "./reference.ts";

export interface IssuedLogin {
  readonly login: Login;
  /** When it is not good any more, as Date.now() counts. */
  readonly endsMs: number;
}

/** How long a pull of ECR Public goes on without a login: at boot there may be one when the pull is tried again. */
const withoutLoginMs = 30_000;

export class EcrLogins {
  private readonly issued = new Map<EcrRegistry["kind"], Promise<IssuedLogin>>();

  constructor(private readonly options: LoginOptions & { readonly log: Log }) {}

  /**
   * The login for a registry, from an earlier request of this pull or from ECR. For ECR Public there is one always, if
   * need be that of nobody.
   *
   * @param refused  one that was not taken: another one is asked for
   * @throws EndpointError that says why there is none, and what to do
   */
  async loginFor(registry: EcrRegistry, refused?: IssuedLogin): Promise<IssuedLogin> {
    const { kind } = registry;
    const kept = this.issued.get(kind);
    if (kept !== undefined) {
      const issued = await kept;
      if (issued !== refused && Date.now() < issued.endsMs) return issued;
      if (this.issued.get(kind) === kept) this.issued.delete(kind);
    }
    // Requests that come at the same time wait for the same answer.
    const asked = this.issued.get(kind) ?? this.ask(registry);
    this.issued.set(kind, asked);
    asked.catch(() => this.issued.delete(kind));
    return asked;
  }

  private async ask(registry: EcrRegistry): Promise<IssuedLogin> {
    const { askForLogin } = await import("./login.ts");
    const answer = await askForLogin(registry, this.options);
    if (answer.kind === "issued") return answer;
    const { failure, isOutage } = answer;
    if (registry.kind === "private") throw new EndpointError(`${failure.message}. ${failure.hint}`, isOutage);
    this.options.log.warn(`${failure.message}; public.ecr.aws is asked without a login`);
    return { login: { kind: "anonymous" }, endsMs: Date.now() + withoutLoginMs };
  }
}
