/** Shows whoever waits how far an update is: a bar that moves on a terminal, a line now and then elsewhere. */
import type { CommandName, UpdateProgress } from "../../update/dispatcher/index.ts";
import { progressBar, progressText, Rate } from "./progress-text.ts";
import type { Client } from "./run.ts";

/** Between two lines where there is no terminal (specification "updates" 10). */
const LINE_EVERY_MS = 5000;

// To the first column, and away with what an earlier, longer line has left.
const LINE_START = "\r\x1b[K";

export class ProgressShown {
  private readonly rate = new Rate();
  private bar = "";
  private image = "";

  constructor(
    private readonly client: Pick<Client, "isTerminal" | "tell" | "info">,
    private lineMs: number,
  ) {}

  /** Of a command about which a server of ours tells everything. */
  running(running: NonNullable<UpdateProgress["running"]>, nowMs: number): void {
    const perSecond = running.progress === null ? undefined : this.rate.add(running.progress, nowMs);
    if (this.client.isTerminal) this.showBar(progressBar(running, perSecond));
    else {
      const { image = "" } = running.progress ?? {};
      if (image !== this.image) this.lineMs = Number.NEGATIVE_INFINITY;
      this.image = image;
      this.line(nowMs, () => progressText(running, perSecond));
    }
  }

  /** Of a command about which nothing is known. */
  waiting(command: CommandName, nowMs: number, secondsLeft: number): void {
    this.line(nowMs, () => `Waiting for ${command}, at most ${Math.ceil(secondsLeft)} s more`);
  }

  /** Leaves the terminal to whatever comes next. */
  end(): void {
    if (this.bar !== "") this.client.tell(LINE_START);
    this.bar = "";
  }

  private showBar(bar: string): void {
    if (bar !== this.bar) this.client.tell(`${LINE_START}${bar}`);
    this.bar = bar;
  }

  private line(nowMs: number, text: () => string): void {
    if (nowMs - this.lineMs < LINE_EVERY_MS) return;
    this.lineMs = nowMs;
    this.client.info(text());
  }
}
