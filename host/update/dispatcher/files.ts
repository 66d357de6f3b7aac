/** The files of the dispatcher. All but the lock are lost with the reboot, as /run is. Acts. */
import { mkdir, open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { listIfExists, readTextIfExists, writeWhole } from "../../linux/files.ts";
import type { ImageProgress } from "../install/write-images.ts";
import { parseRefusedChoice, type RefusedChoice } from "./choice.ts";
import {
  type FinishedCommand,
  parseFinished,
  parseImageProgress,
  parseRunning,
  type RunningCommand,
} from "./progress.ts";
import { parseStatus, statusText, type UpdateStatus } from "./status.ts";

/** Specification "updates" 0; the last four are our own. */
const names = {
  lock: "run/lock/thar-be-updates.lock",
  status: "run/cache/thar-be-updates/status.json",
  running: "run/cache/thar-be-updates/running.json",
  finished: "run/cache/thar-be-updates/finished",
  progress: "run/cache/thar-be-updates/progress.json",
  refusedChoice: "run/cache/thar-be-updates/refused-choice.json",
};

export class DispatcherFiles {
  /** @param root  the directory under which they are found: "/" on a host */
  constructor(private readonly root: string) {}

  get lock(): string {
    return this.path("lock");
  }

  /** What updog is given to tell its progress in. */
  get progress(): string {
    return this.path("progress");
  }

  /** Makes the directories, which are there on a host since it started, and the lock's file. */
  async prepare(): Promise<void> {
    for (const path of [this.lock, this.path("status")]) await mkdir(dirname(path), { recursive: true });
    // Readable by root alone: whoever may read a file may also hold a lock on it, which would keep us out.
    await (await open(this.lock, "a", 0o600)).close();
  }

  /** @returns undefined if there is no status file. @throws Error naming the file when it cannot be read */
  readStatus(): Promise<UpdateStatus | undefined> {
    return this.read("status", parseStatus);
  }

  writeStatus(status: UpdateStatus): Promise<void> {
    return writeWhole(this.path("status"), statusText(status), { durable: false });
  }

  readRunning(): Promise<RunningCommand | undefined> {
    return this.read("running", parseRunning);
  }

  writeRunning(running: RunningCommand): Promise<void> {
    return writeWhole(this.path("running"), JSON.stringify(running), { durable: false });
  }

  async removeRunning(): Promise<void> {
    await rm(this.path("running"), { force: true });
    await rm(this.path("progress"), { force: true });
  }

  /** The commands that have ended, in no order. */
  async readFinished(): Promise<readonly FinishedCommand[]> {
    const names = (await listIfExists(this.path("finished"))) ?? [];
    const read = names
      .filter((name) => name.endsWith(".json"))
      .map((name) => this.readFile(join(this.path("finished"), name), parseFinished));
    return (await Promise.all(read)).filter((one) => one !== undefined);
  }

  /** Each has a file of its own, so that this needs no lock. */
  async writeFinished(finished: FinishedCommand): Promise<void> {
    await mkdir(this.path("finished"), { recursive: true });
    await writeWhole(this.finishedPath(finished), JSON.stringify(finished), { durable: false });
  }

  async removeFinished(finished: FinishedCommand): Promise<void> {
    await rm(this.finishedPath(finished), { force: true });
  }

  /** What would have been chosen last, were its version not refused. */
  readRefusedChoice(): Promise<RefusedChoice | undefined> {
    return this.read("refusedChoice", parseRefusedChoice);
  }

  async writeRefusedChoice(choice: RefusedChoice | null): Promise<void> {
    if (choice === null) await rm(this.path("refusedChoice"), { force: true });
    else await writeWhole(this.path("refusedChoice"), JSON.stringify(choice), { durable: false });
  }

  async readProgress(): Promise<ImageProgress | null> {
    return (await this.read("progress", parseImageProgress)) ?? null;
  }

  private path(name: keyof typeof names): string {
    return join(this.root, names[name]);
  }

  private finishedPath({ id }: FinishedCommand): string {
    return join(this.path("finished"), `${id}.json`);
  }

  private read<T>(name: keyof typeof names, parse: (text: string) => T): Promise<T | undefined> {
    return this.readFile(this.path(name), parse);
  }

  private async readFile<T>(path: string, parse: (text: string) => T): Promise<T | undefined> {
    const text = await readTextIfExists(path);
    try {
      return text === undefined ? undefined : parse(text);
    } catch (cause) {
      throw new Error(`${path} cannot be read`, { cause });
    }
  }
}
