/** Tells in a file how far the writing of images is, for those who watch an update. Acts. */
import { writeWhole } from "../linux/files.ts";
import type { ImageProgress } from "./install/write-images.ts";

const LEAST_PAUSE_MS = 250; // who watches looks a few times a second

export class ProgressFile {
  private lastMs = Number.NEGATIVE_INFINITY;
  private lastImage = "";
  private writing: Promise<void> = Promise.resolve();
  private isWriting = false;

  constructor(private readonly path: string) {}

  /** Replaces the file, at most four times a second; the beginning and the end of an image always. */
  tell(progress: ImageProgress): void {
    const nowMs = performance.now();
    const isEdge = progress.image !== this.lastImage || progress.done === progress.total;
    if (!isEdge && (this.isWriting || nowMs - this.lastMs < LEAST_PAUSE_MS)) return;
    [this.lastMs, this.lastImage, this.isWriting] = [nowMs, progress.image, true];
    const text = `${JSON.stringify({ step: "images", ...progress })}\n`;
    this.writing = this.writing
      .then(() => writeWhole(this.path, text, { durable: false }))
      // Nothing depends on it: an update does not fail because nobody can watch it.
      .catch(() => undefined)
      .finally(() => {
        this.isWriting = false;
      });
  }

  /** Waits until what was told is in the file. */
  end(): Promise<void> {
    return this.writing;
  }
}
