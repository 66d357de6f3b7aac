/**
 * GET /status and GET /doctor: how the host is. Not in the reference. Nothing is looked at in this process: the program
 * that does gets from here what only the server knows, and of settings only those it needs.
 */
import type { Decision } from "./decision.ts";
import type { View } from "./view.ts";

/** How much is looked at: `doctor` takes longer, and asks registries. */
export type Depth = "status" | "doctor";

/** What the program that looks is told. */
export interface LookInput {
  /** Nested, without an outer layer. */
  readonly settings: { readonly [name: string]: unknown };
  readonly trial: { readonly keys: readonly string[]; readonly "seconds-left": number } | null;
}

// No user data and no credentials. The proxy's address may hold a password: without it no registry could be asked.
const needed =
  /^settings\.((host|bootstrap)-containers\.[A-Za-z0-9-]+\.(enabled|mode|source|essential)$|container-registry\.mirrors|network\.(https-proxy|no-proxy)$)/;

/** Decides what the program that looks is told. */
export function look(depth: Depth, view: View): Decision {
  const leaves = new Map([...view.live].filter(([key]) => needed.test(key)));
  const trial = view.trial();
  const input: LookInput = {
    settings: leaves.size === 0 ? {} : view.model.nest(leaves),
    trial: trial === undefined ? null : { keys: trial.keys, "seconds-left": trial.secondsLeft },
  };
  return { kind: "look", depth, input: JSON.stringify(input) };
}
