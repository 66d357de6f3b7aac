/**
 * The record of what became of changes, kept where the API reads it. It lies below /run: at boot everything is applied
 * anyway. Only the process that applies writes it.
 */

import { join } from "node:path";
import { failureText } from "../linux/failure.ts";
import { readTextIfExists, writeWhole } from "../linux/files.ts";
import type { ApplyHost, ApplyRequest, ApplyResult } from "./apply.ts";
import {
  begunRun,
  type Commit,
  endedRun,
  type Run,
  shortened,
  type Turn,
  withoutUnfinished,
} from "./runs.ts";

const fileName = "apply-history.json";

/** All turns that are recorded, oldest first; none if there is no record, or one that cannot be understood. */
export async function readHistory(directory: string): Promise<readonly Turn[]> {
  const text = await readTextIfExists(join(directory, fileName));
  try {
    const value: unknown = JSON.parse(text ?? "null");
    const turns = typeof value === "object" && value !== null ? Reflect.get(value, "turns") : undefined;
    // Nobody but `writeHistory` makes this file, which nobody but root can write, and it ends with the boot.
    return Array.isArray(turns) ? (turns as readonly Turn[]) : [];
  } catch {
    // SyntaxError: somebody has edited it. The changes themselves are not lost, only what is told of them.
    return [];
  }
}

async function writeHistory(directory: string, turns: readonly Turn[]): Promise<void> {
  // It may quote settings, so it is read through the API, which asks who you are.
  await writeWhole(join(directory, fileName), JSON.stringify({ turns }), { mode: 0o600, durable: false });
}

/** The record of the turn that a process is in. */
export class TurnRecord {
  private runs: readonly Run[] = [];

  private constructor(
    private readonly host: ApplyHost,
    private readonly earlier: readonly Turn[],
  ) {}

  /** Begins a turn, which only one process at a time may have. */
  static async begin(host: ApplyHost): Promise<TurnRecord> {
    return new TurnRecord(host, withoutUnfinished(await readHistory(host.runtimeDirectory)));
  }

  /**
   * Does one run and records its begin and its end.
   *
   * @param commits   what the run is for; those that have an outcome already keep it
   * @param isDecided whether this result is the commits' outcome; otherwise they wait for another run
   * @throws  what `work` throws; then the commits wait for another process
   */
  async run(
    request: ApplyRequest,
    commits: readonly Commit[],
    isDecided: (result: ApplyResult) => boolean,
    work: () => Promise<ApplyResult>,
  ): Promise<ApplyResult> {
    const startMs = performance.now();
    const known = new Set(
      [...this.earlier.flat(), ...this.runs].flatMap((run) => run.commits.map(({ id }) => id)),
    );
    const own = commits.filter(({ id }) => !known.has(id));
    const before = this.runs;
    const run = begunRun(request, Date.now(), own);
    const end = async (outcome: ApplyResult | { thrown: unknown }, decided: boolean) => {
      const durationMs = Math.round(performance.now() - startMs);
      await this.write([...before, endedRun(run, durationMs, outcome, decided ? own : [])]);
    };
    await this.write([...before, run]);
    try {
      const result = await work();
      await end(result, isDecided(result));
      return result;
    } catch (thrown) {
      await end({ thrown }, false);
      throw thrown;
    }
  }

  private async write(runs: readonly Run[]): Promise<void> {
    this.runs = runs;
    await writeHistory(this.host.runtimeDirectory, shortened([...this.earlier, runs])).catch(
      (error: unknown) =>
        this.host.log.warn(`the outcome of this change cannot be recorded: ${failureText(error)}`),
    );
  }
}
