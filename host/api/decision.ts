/** What the routes decide: a reply at once, or one thing to be done whose outcome is the reply. */
import type { Json, Preview } from "../settings/index.ts";
import type { CommandName } from "../update/dispatcher/index.ts";
import type { LogQuery } from "./log-routes.ts";
import type { Reply } from "./reply.ts";
import type { Depth } from "./status-routes.ts";

/** The settings an applier is started for: the named keys, or everything. */
export type ApplyScope = { readonly keys: readonly string[] } | "all";

/** What `perform` carries out. */
export type Performed = Exclude<Decision, { readonly kind: "reply" | "logs" }>;

/** One decision for one request; `perform.ts` carries it out. */
export type Decision =
  | { readonly kind: "reply"; readonly reply: Reply }
  | { readonly kind: "stage"; readonly transaction: string; readonly leaves: ReadonlyMap<string, Json> }
  | {
      readonly kind: "unset";
      readonly transaction: string;
      /** The leaves whose generators are to be asked. */
      readonly generated: readonly string[];
      /**
       * What is to be staged, and the leaves for which there is no generated value.
       *
       * @param output  what the generators' program printed; undefined if it failed or was not needed
       */
      changes(output: string | undefined): {
        readonly leaves: ReadonlyMap<string, Json>;
        readonly notGenerated: readonly string[];
      };
    }
  | { readonly kind: "discard"; readonly transaction: string }
  | {
      readonly kind: "commit";
      readonly transaction: string;
      readonly thenApply: boolean;
      /** How long the change is on trial; undefined if it is not. */
      readonly trySeconds: number | undefined;
      /** The reply to a commit that must not be, by what is live and pending when its turn has come. */
      refusal(live: ReadonlyMap<string, Json>, pending: ReadonlyMap<string, Json>): Reply | undefined;
    }
  | {
      readonly kind: "end-trial";
      readonly end: "confirmed" | "reverted";
      /** The reply when no trial runs. */
      ifNone(): Reply;
    }
  | { readonly kind: "apply"; readonly scope: ApplyScope }
  | {
      readonly kind: "preview";
      readonly transaction: string;
      /** For the program that renders. */
      readonly input: string;
      /** The reply, with what that program says of files and services. */
      reply(preview: Preview): Reply;
    }
  | { readonly kind: "commits"; readonly id: string | undefined }
  | { readonly kind: "last-report" }
  | { readonly kind: "reboot" }
  | { readonly kind: "update"; readonly command: CommandName; readonly retry: boolean }
  | { readonly kind: "update-status" }
  | { readonly kind: "update-progress" }
  /** Look at the host, and tell what there is to see. */
  | { readonly kind: "look"; readonly depth: Depth; readonly input: string }
  /** Answered piece by piece, so not carried out by `perform`. */
  | { readonly kind: "logs"; readonly query: LogQuery }
  /** Make the connection an exec session; what comes here as a request is not one that can become that. */
  | { readonly kind: "exec" }
  /** Tell what the API is: made when somebody asks, so that nobody else pays for it. */
  | { readonly kind: "describe" };
