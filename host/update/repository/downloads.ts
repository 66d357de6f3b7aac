/**
 * Fetches files of a repository, over HTTP or from this machine's disk, each with a limit to its length and to how long
 * it may take (specification "updates" 12.2). It trusts nothing of what comes.
 *
 * Proxies are the runtime's business: it looks at HTTPS_PROXY and NO_PROXY with every request.
 */
import { fileURLToPath } from "node:url";
import { Failure, messageOf } from "../../linux/failure.ts";
import { errorCode } from "../../linux/files.ts";
import { fail } from "./failures.ts";
import { Pace, type Patience, usualPatience } from "./pace.ts";

const TRIES = 4;
const FIRST_PAUSE_MS = 100; // growing by 1.5 with every try
/** After so much has come, the next interruption is the first one again. */
const PROGRESS_BYTES = 1024 * 1024;
const notFound = [403, 404, 410];

type Chunks = ReadableStream<Uint8Array<ArrayBuffer>>;

/** A request came to nothing, or an answer ended too early: worth another try. */
class Interrupted extends Error {}

export class Downloads {
  private readonly query = new Map<string, string>();
  private readonly patience: Patience;

  /** @param authorities  certificates that servers may have theirs from (PEM); the runtime's own when undefined */
  constructor(
    private readonly authorities?: string,
    patience: Partial<Patience> = {},
  ) {
    this.patience = { ...usualPatience, ...patience };
  }

  /** Every request from now on has this parameter (specification "updates" 7.1). */
  setParameter(name: string, value: string): void {
    this.query.set(name, value);
  }

  /**
   * A small file.
   *
   * @returns undefined when there is none
   * @throws repository/too-long, repository/too-slow, repository/not-fetched
   */
  async bytesIfExists(url: string, limit: number): Promise<Buffer | undefined> {
    const chunks: Uint8Array[] = [];
    try {
      // What cannot be resumed begins again: it is small.
      const again = () => void chunks.splice(0);
      for await (const chunk of this.pieces(url, limit, again)) chunks.push(chunk);
    } catch (thrown) {
      if (thrown instanceof Failure && thrown.code === "repository/not-found") return undefined;
      throw thrown;
    }
    return Buffer.concat(chunks);
  }

  /**
   * A file of any length, piece by piece. A download that breaks off goes on where it was, if the server can do that.
   *
   * @throws repository/not-found, repository/too-long, repository/too-slow, repository/not-fetched
   */
  stream(url: string, limit: number): AsyncIterable<Uint8Array> {
    return this.pieces(url, limit, undefined);
  }

  private async *pieces(
    url: string,
    limit: number,
    again: (() => void) | undefined,
  ): AsyncGenerator<Uint8Array> {
    const request = new Request(url, this.query, this.authorities, this.patience);
    let [done, atLastFailure] = [0, 0];
    for (let failures = 0; ; ) {
      try {
        for await (const chunk of request.from(done)) {
          done += chunk.length;
          if (done > limit) throw fail("repository/too-long", { url, limit });
          yield chunk;
        }
        return;
      } catch (thrown) {
        if (!(thrown instanceof Interrupted)) throw thrown;
        failures = done - atLastFailure >= PROGRESS_BYTES ? 1 : failures + 1;
        atLastFailure = done;
        const mayGoOn = done === 0 || request.isResumable || again !== undefined;
        if (failures >= TRIES || !mayGoOn) {
          throw fail("repository/not-fetched", { url, reason: thrown.message }, { cause: thrown.cause });
        }
        if (done > 0 && !request.isResumable) {
          again?.();
          [done, atLastFailure] = [0, 0];
        }
        await Bun.sleep(FIRST_PAUSE_MS * 1.5 ** (failures - 1));
      }
    }
  }
}

/** One file, asked for once or several times. */
class Request {
  isResumable = false;
  private readonly pace: Pace;

  constructor(
    private readonly url: string,
    private readonly query: ReadonlyMap<string, string>,
    private readonly authorities: string | undefined,
    private readonly patience: Patience,
  ) {
    this.pace = new Pace(patience);
  }

  /** What comes from this byte on. @throws Interrupted; repository/not-found, too-slow, not-fetched */
  async *from(offset: number): AsyncGenerator<Uint8Array> {
    const controller = new AbortController();
    const body = URL.parse(this.url)?.protocol === "file:" ? await this.openFile(offset) : undefined;
    const reader = (body ?? (await this.openWeb(offset, controller))).getReader();
    try {
      for (;;) {
        const { done, value } = await this.wait(controller, reader.read(), ({ value }) => value?.length ?? 0);
        if (done) return;
        yield value;
      }
    } finally {
      controller.abort();
      // Cancelled or broken already: then there is nothing left to cancel.
      await reader.cancel().catch(() => undefined);
    }
  }

  private async openFile(offset: number): Promise<Chunks> {
    const file = Bun.file(fileURLToPath(this.url));
    try {
      if (!(await file.stat()).isFile()) throw fail("repository/not-found", { url: this.url });
    } catch (thrown) {
      if (errorCode(thrown) !== "ENOENT" && errorCode(thrown) !== "ENOTDIR") throw thrown;
      throw fail("repository/not-found", { url: this.url }, { cause: thrown });
    }
    return file.slice(offset).stream();
  }

  private async openWeb(offset: number, controller: AbortController): Promise<Chunks> {
    const { url } = this;
    const answer = await this.wait(
      controller,
      fetch(this.urlWithQuery(), {
        signal: controller.signal,
        // Hashes are of the bytes that come, and a limit must hold before anything is decompressed.
        decompress: false,
        headers: {
          "accept-encoding": "identity",
          ...(offset === 0 ? {} : { range: `bytes=${offset}-` }),
        },
        ...(this.authorities === undefined ? {} : { tls: { ca: this.authorities } }),
      }),
      () => 0,
    );
    if (answer.ok && answer.body !== null) {
      if (offset === 0) this.isResumable = answer.headers.get("accept-ranges") === "bytes";
      else if (!isRestFrom(answer, offset)) {
        controller.abort();
        throw fail("repository/not-fetched", { url, reason: "the server does not go on where it broke off" });
      }
      return answer.body;
    }
    controller.abort();
    if (notFound.includes(answer.status)) throw fail("repository/not-found", { url });
    const reason = `the server answers ${answer.status}`;
    throw answer.status >= 500 ? new Interrupted(reason) : fail("repository/not-fetched", { url, reason });
  }

  /** Specification "updates" 7.1: sorted by key, encoded as a form. */
  private urlWithQuery(): URL {
    const url = URL.parse(this.url);
    if (url === null || !["http:", "https:"].includes(url.protocol)) {
      const reason = "it is no complete URL with https, http or file";
      throw fail("repository/not-fetched", { url: this.url, reason });
    }
    for (const [name, value] of this.query) url.searchParams.set(name, value);
    url.searchParams.sort();
    return url;
  }

  private async wait<Result>(
    controller: AbortController,
    coming: Promise<Result>,
    bytesOf: (result: Result) => number,
  ): Promise<Result> {
    const { silentMs } = this.patience;
    const startMs = performance.now();
    const silence = new Interrupted(`the server said nothing for ${silentMs / 1000} s`);
    const timer = setTimeout(() => controller.abort(silence), silentMs);
    let result: Result;
    try {
      result = await coming;
    } catch (cause) {
      throw cause === silence ? silence : new Interrupted(reasonOf(cause), { cause });
    } finally {
      clearTimeout(timer);
    }
    const reason = this.pace.came(performance.now() - startMs, bytesOf(result));
    if (reason === undefined) return result;
    throw fail("repository/too-slow", { url: this.url, reason });
  }
}

/** Whether a server that was asked for the rest of a file answers with just that. */
function isRestFrom(answer: Response, offset: number): boolean {
  const from = /^bytes (\d+)-/.exec(answer.headers.get("content-range") ?? "")?.[1];
  return answer.status === 206 && from === String(offset);
}

/** Without the runtime's advice to programmers. */
function reasonOf(cause: unknown): string {
  return messageOf(cause).replace(/\.? For more information, pass .*/, "");
}
