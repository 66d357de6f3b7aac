/**
 * What is told of a change of settings: before it what it would do to the host, after it what it did. Whoever applies
 * says it in these words, and the API passes it on.
 */

/** What went wrong. */
export interface AppliedFailure {
  /** Names the kind of failure for programs; "" if it is one that nobody has foreseen. */
  readonly code: string;
  readonly text: string;
  /** What to do; "" if that is not known. */
  readonly hint: string;
}

/** What became of one commit so far. What several commits were applied in together is told of each of them. */
export interface AppliedCommit {
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly "committed-at": string;
  readonly keys: readonly string[] | "all";
  readonly state: "waiting" | "applying" | "done" | "failed";
  /** How long applying took; null before its end. */
  readonly "duration-ms": number | null;
  /** Paths that were written. */
  readonly files: readonly string[];
  /** Paths that were removed, because they need a setting that was. */
  readonly "removed-files": readonly string[];
  /** The services whose restart commands were run, in that order. */
  readonly services: readonly {
    readonly name: string;
    readonly outcome: "done" | "failed";
    readonly "duration-ms": number;
  }[];
  readonly failures: readonly AppliedFailure[];
  readonly warnings: readonly AppliedFailure[];
}

/** What would happen to the files and services of the host. */
export interface Preview {
  readonly files: readonly {
    readonly name: string;
    readonly path: string;
    readonly change: "created" | "changed" | "removed";
    /** A unified diff; null for a file that not everybody may read, because it may hold secrets. */
    readonly diff: string | null;
  }[];
  /** The services whose restart commands would be run, in that order. */
  readonly services: readonly { readonly name: string; readonly "restart-commands": readonly string[] }[];
  /** What would keep the settings from being applied; then no file and no service would be touched. */
  readonly problems: readonly AppliedFailure[];
}
