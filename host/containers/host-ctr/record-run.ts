/** Keeps the record of a run as it goes on. That it cannot be written is told, and never ends a container. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { failureText } from "../../linux/failure.ts";
import { readTextIfExists, writeWhole } from "../../linux/files.ts";
import type { Log } from "../../linux/log.ts";
import type { PullWatch } from "../images/pull.ts";
import { parseRunRecord, type RunRecord, runRecordFile } from "../run-record.ts";

/** While an image comes, whoever looks sees how far it was this long ago at most. */
const progressMs = 1000;

export class RecordedRun implements PullWatch {
  private writing: Promise<void> = Promise.resolve();
  private later: ReturnType<typeof setTimeout> | undefined;

  private constructor(
    private readonly file: string,
    private readonly log: Log,
    private record: RunRecord,
  ) {}

  /** Goes on from what an earlier run has left: its container may still be running, and its problem be there yet. */
  static async open(state: string, id: string, source: string, log: Log): Promise<RecordedRun> {
    const file = runRecordFile(state, id);
    const earlier = parseRunRecord(await readTextIfExists(file));
    const image = earlier?.image ?? null;
    // What was wrong with another source says nothing of this one.
    const problem = earlier?.source === source ? earlier.problem : null;
    const run = new RecordedRun(file, log, { source, image, pulling: null, problem });
    await run.change({});
    return run;
  }

  begin(source: string): void {
    void this.change({ pulling: { source, receivedBytes: 0, totalBytes: null, failedAttempt: null } });
  }

  received(source: string, receivedBytes: number, totalBytes: number): void {
    const failedAttempt = this.record.pulling?.failedAttempt ?? null;
    this.record = { ...this.record, pulling: { source, receivedBytes, totalBytes, failedAttempt } };
    this.later ??= setTimeout(() => void this.change({}), progressMs).unref();
  }

  failedAttempt(problem: string): void {
    const { pulling } = this.record;
    if (pulling !== null) void this.change({ pulling: { ...pulling, failedAttempt: oneLine(problem) } });
  }

  pulled(source: string, digest: string): Promise<void> {
    return this.change({ image: { source, digest }, pulling: null });
  }

  /** The container has come up, or was up already: whatever was wrong before is over. */
  async up(): Promise<void> {
    if (this.record.problem !== null) await this.change({ problem: null });
  }

  /** @param problem  why it came to its end; null if it was asked to */
  over(problem: string | null): Promise<void> {
    return this.change({ pulling: null, problem: problem === null ? null : oneLine(problem) });
  }

  /** Writes all that is known, so that nothing is left to be written later. */
  private change(part: Partial<RunRecord>): Promise<void> {
    this.record = { ...this.record, ...part };
    clearTimeout(this.later);
    this.later = undefined;
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  private async write(): Promise<void> {
    try {
      await mkdir(dirname(this.file), { recursive: true });
      await writeWhole(this.file, JSON.stringify(this.record), { durable: false });
    } catch (error) {
      this.log.warn(`the record of this run is not up to date: ${failureText(error)}`);
    }
  }
}

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
