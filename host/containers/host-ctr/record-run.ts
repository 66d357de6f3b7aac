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

  /** Goes on from what an earlier run has left: its container may still be running. */
  static async open(state: string, id: string, log: Log): Promise<RecordedRun> {
    const file = runRecordFile(state, id);
    const earlier = parseRunRecord(await readTextIfExists(file));
    const run = new RecordedRun(file, log, { image: earlier?.image ?? null, pulling: null, problem: null });
    await run.change({});
    return run;
  }

  begin(source: string): void {
    void this.change({ pulling: { source, receivedBytes: 0, totalBytes: null } });
  }

  received(source: string, receivedBytes: number, totalBytes: number): void {
    this.record = { ...this.record, pulling: { source, receivedBytes, totalBytes } };
    this.later ??= setTimeout(() => void this.change({}), progressMs).unref();
  }

  failedAttempt(problem: string): void {
    void this.change({ problem: oneLine(problem) });
  }

  pulled(source: string, digest: string): Promise<void> {
    return this.change({ image: { source, digest }, pulling: null, problem: null });
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
