/**
 * What host-ctr leaves of the run of a container, for whoever asks how that goes: asking the runtime itself takes
 * longer than most of what is asked besides. It is of this boot, and stays when the container has ended.
 */

export interface RunRecord {
  /** What the run was asked to run. */
  readonly source: string;
  /** What runs, or ran last; null before anything has. */
  readonly image: { readonly source: string; readonly digest: string } | null;
  /** An image is being pulled and unpacked, before anything runs. */
  readonly pulling: Pulling | null;
  /**
   * What ended the last run of this source, or of what it left, in one line; null once it has come further. It stays
   * while the next run pulls: a container that comes up no more is not well in between.
   */
  readonly problem: string | null;
}

export interface Pulling {
  readonly source: string;
  readonly receivedBytes: number;
  /** Not known before the registry has said what the image is made of. */
  readonly totalBytes: number | null;
  /** Why the last attempt failed, after which there is another one, in one line; null while none has. */
  readonly failedAttempt: string | null;
}

/** @param state  the directory of the runtime's state: /run/host-containerd */
export function runRecordFile(state: string, id: string): string {
  return `${state}/runs/${id}.json`;
}

/** @returns `undefined` for a file that is not there, or that none of us has written */
export function parseRunRecord(text: string | undefined): RunRecord | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const isRecord = typeof value === "object" && value !== null && "image" in value && "problem" in value;
    // Nobody but host-ctr of this very image makes these files, whole, in a directory of root's.
    return isRecord ? (value as RunRecord) : undefined;
  } catch {
    // SyntaxError: somebody has edited it. What else is known of the container is worth more than this.
    return undefined;
  }
}
