/** Fetches files of a repository, over HTTP or from this machine's disk, each with a limit to its length. */
import { fileURLToPath } from "node:url";
import { BaseFetcher } from "tuf-js";
// The client takes only this error for "there is no such file".
import { DownloadHTTPError } from "tuf-js/dist/error.js";
import { errorCode } from "../host/linux/files.ts";
import { ToolFailure } from "../sdk/index.ts";
import { fail } from "./failures.ts";

const TRIES = 4;
const FIRST_PAUSE_MS = 100; // specification "updates" 12.2: growing by 1.5
const SILENT_MS = 30_000; // whoever says nothing for so long is not waited for any longer
const notFound = [403, 404, 410];

export class RepositoryFetcher extends BaseFetcher {
  constructor(private readonly silentMs = SILENT_MS) {
    super();
  }

  /** @throws DownloadHTTPError when there is no such file; publish/not-fetched */
  override async fetch(url: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    return new URL(url).protocol === "file:" ? openFile(url) : await openWeb(url, this.silentMs);
  }

  /**
   * A small file.
   *
   * @returns undefined when there is none
   * @throws publish/too-long, publish/not-fetched
   */
  async bytesIfExists(url: string, limit: number): Promise<Buffer | undefined> {
    const chunks: Uint8Array[] = [];
    try {
      await this.readInto(url, limit, (chunk) => chunks.push(chunk));
    } catch (thrown) {
      if (thrown instanceof DownloadHTTPError) return undefined;
      throw thrown;
    }
    return Buffer.concat(chunks);
  }

  /** Hands over a file piece by piece. @throws as `fetch`; publish/too-long as soon as it is longer than the limit */
  async readInto(url: string, limit: number, take: (chunk: Uint8Array) => void): Promise<void> {
    let length = 0;
    const body = await this.fetch(url);
    try {
      for await (const chunk of body) {
        length += chunk.length;
        if (length > limit) throw fail("publish/too-long", { url, limit });
        take(chunk);
      }
    } catch (thrown) {
      if (thrown instanceof ToolFailure) throw thrown;
      throw fail("publish/not-fetched", { url, reason: reasonOf(thrown) }, { cause: thrown });
    }
  }
}

async function openFile(url: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const file = Bun.file(fileURLToPath(url));
  try {
    if ((await file.stat()).isDirectory()) throw missing(url, 404);
  } catch (thrown) {
    if (errorCode(thrown) !== "ENOENT" && errorCode(thrown) !== "ENOTDIR") throw thrown;
    throw missing(url, 404);
  }
  return file.stream();
}

async function openWeb(url: string, silentMs: number): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  let reason = "";
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (attempt > 0) await Bun.sleep(FIRST_PAUSE_MS * 1.5 ** (attempt - 1));
    const silence = new Silence(silentMs);
    try {
      const answer = await fetch(url, { signal: silence.signal });
      if (answer.ok && answer.body !== null) return answer.body.pipeThrough(silence.watch());
      silence.end();
      await answer.body?.cancel();
      if (notFound.includes(answer.status)) throw missing(url, answer.status);
      reason = `the server answers ${answer.status}`;
      if (answer.status < 500) break;
    } catch (thrown) {
      silence.end();
      if (thrown instanceof DownloadHTTPError) throw thrown;
      reason = reasonOf(thrown);
    }
  }
  throw fail("publish/not-fetched", { url, reason });
}

/** Ends a request whose server says nothing for too long, before its answer or within. */
class Silence {
  private readonly controller = new AbortController();
  private timer: ReturnType<typeof setTimeout>;

  constructor(private readonly ms: number) {
    this.timer = this.begin();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  watch(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
    return new TransformStream({
      transform: (chunk, out) => {
        this.end();
        this.timer = this.begin();
        out.enqueue(chunk);
      },
      flush: () => this.end(),
    });
  }

  end(): void {
    clearTimeout(this.timer);
  }

  private begin(): ReturnType<typeof setTimeout> {
    const give = () => this.controller.abort(new Error(`the server said nothing for ${this.ms / 1000} s`));
    const timer = setTimeout(give, this.ms);
    timer.unref(); // nobody who has stopped reading is kept
    return timer;
  }
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function missing(url: string, status: number): DownloadHTTPError {
  // 404 for all of them: the client knows 403 and 404 only.
  return new DownloadHTTPError(`There is nothing at ${url} (${status})`, 404);
}
