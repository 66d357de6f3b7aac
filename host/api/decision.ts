/** What the routes decide: a reply at once, or one thing to be done whose outcome is the reply. */
import type { Json } from "../settings/index.ts";
import type { Reply } from "./reply.ts";

/** The settings an applier is started for: the named keys, or everything. */
export type ApplyScope = { readonly keys: readonly string[] } | "all";

/** One decision for one request; `perform.ts` carries it out. */
export type Decision =
  | { readonly kind: "reply"; readonly reply: Reply }
  | { readonly kind: "stage"; readonly transaction: string; readonly leaves: ReadonlyMap<string, Json> }
  | { readonly kind: "discard"; readonly transaction: string }
  | {
      readonly kind: "commit";
      readonly transaction: string;
      readonly thenApply: boolean;
      /** The reply to a commit that must not be, by what is live and pending when its turn has come. */
      refusal(live: ReadonlyMap<string, Json>, pending: ReadonlyMap<string, Json>): Reply | undefined;
    }
  | { readonly kind: "apply"; readonly scope: ApplyScope }
  | { readonly kind: "reboot" }
  /** Tell what the API is: made when somebody asks, so that nobody else pays for it. */
  | { readonly kind: "describe" };
