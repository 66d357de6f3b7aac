/** What the routes may look at. Nothing here can be changed through it. */
import type { Json, Model } from "../settings/index.ts";
import type { EndedTrial } from "../store/index.ts";
import type { Os } from "./os-release.ts";

/** Settings that are put back unless they are confirmed. */
export interface RunningTrial {
  /** Sorted. */
  readonly keys: readonly string[];
  readonly seconds: number;
  /** Whole seconds, zero when its time is up and it is about to be put back. */
  readonly secondsLeft: number;
  /** Whether the host has started since: the next start would put the settings back. */
  readonly afterRestart: boolean;
}

/** The state a request is decided on. */
export interface View {
  readonly model: Model;
  /** Committed leaves by key text, e.g. `settings.motd`. */
  readonly live: ReadonlyMap<string, Json>;
  /** Pending leaves of a transaction, null for those to be removed; empty when it does not exist. */
  pending(transaction: string): ReadonlyMap<string, Json>;
  transactions(): readonly string[];
  trial(): RunningTrial | undefined;
  /** The trial that ended last. */
  lastTrial(): EndedTrial | undefined;
  /** The os section, or a sentence that says why it cannot be read. Read on each request (api.md 2). */
  os(): Os | string;
  /** The report of this boot. */
  bootReport(): Report;
}

/** A report that another program has written, as JSON text. */
export type Report =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "none" }
  | { readonly kind: "unreadable"; readonly why: string };
