/** How far an update is, in words and as a bar. Decides. */
import type { UpdateProgress } from "../../update/dispatcher/index.ts";
import { sizeText } from "../size-text.ts";

type Running = NonNullable<UpdateProgress["running"]>;

const BAR_CELLS = 16;

/** A longer line would begin another one on a terminal of 80 columns, which going back to the first cannot undo. */
const MOST_COLUMNS = 79;

const doing: Readonly<Record<Running["command"], string>> = {
  refresh: "looking for updates",
  prepare: "preparing the update",
  activate: "activating the update",
  deactivate: "taking the update back",
};

/** One line without a bar: what is done, how much of it, and when it will be. */
export function progressText({ command, version, progress }: Running, bytesPerSecond?: number): string {
  const what = command === "prepare" && version !== null ? `preparing ${version}` : doing[command];
  if (progress === null) return what;
  return `${what}: ${progress.image} ${amountText(progress, bytesPerSecond)}`;
}

/** The same with a bar; what does not fit into 79 columns is cut off. */
export function progressBar(running: Running, bytesPerSecond?: number): string {
  const { version, progress } = running;
  if (progress === null) return progressText(running);
  const full = Math.min(BAR_CELLS, Math.floor(share(progress) * BAR_CELLS));
  const bar = `[${"#".repeat(full)}${" ".repeat(BAR_CELLS - full)}]`;
  return `${version ?? ""} ${progress.image} ${bar} ${amountText(progress, bytesPerSecond)}`
    .trim()
    .slice(0, MOST_COLUMNS);
}

type Amount = Pick<NonNullable<Running["progress"]>, "done" | "total">;

function amountText(amount: Amount, bytesPerSecond: number | undefined): string {
  const { done, total } = amount;
  const percent = `${Math.floor(share(amount) * 100)} %`;
  const sizes = `${sizeText(done)} of ${sizeText(total)}`;
  if (bytesPerSecond === undefined || bytesPerSecond <= 0) return `${percent}, ${sizes}`;
  const left = Math.ceil(Math.max(0, total - done) / bytesPerSecond);
  return `${percent}, ${sizes}, ${sizeText(bytesPerSecond)}/s, ${timeText(left)} left`;
}

const share = ({ done, total }: Amount): number => (total <= 0 ? 0 : Math.min(1, done / total));

function timeText(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How fast an image is written, from what was seen of it in the last seconds. */
export class Rate {
  private seen: { readonly image: string; readonly done: number; readonly atMs: number }[] = [];

  /** @returns bytes a second; undefined before there is anything to tell it from */
  add({ image, done }: NonNullable<Running["progress"]>, nowMs: number): number | undefined {
    this.seen = this.seen.filter((one) => one.image === image && nowMs - one.atMs < RATE_WINDOW_MS);
    this.seen.push({ image, done, atMs: nowMs });
    const [first] = this.seen;
    if (first === undefined || nowMs - first.atMs < RATE_LEAST_MS) return undefined;
    return ((done - first.done) * 1000) / (nowMs - first.atMs);
  }
}

const RATE_WINDOW_MS = 10_000;
const RATE_LEAST_MS = 1000; // a shorter time says little
