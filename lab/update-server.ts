/**
 * Serves an update repository over HTTP on the loopback address, as any web server would: whole files and the rest of
 * files, queries ignored. It remembers what it was asked for, and for tests it misbehaves.
 */
import { once } from "node:events";
import { type FileHandle, open } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join, resolve, sep } from "node:path";

export interface UpdateRequest {
  readonly method: string;
  /** As asked for, without the query. */
  readonly path: string;
  /** As asked for: `seed=12&version=1.11.1`. */
  readonly query: string;
  readonly range: string | undefined;
  readonly status: number;
}

/** What a bad server or network does to one answer. */
export type Misbehaviour =
  | { readonly kind: "status"; readonly status: number }
  /** The connection ends there. */
  | { readonly kind: "cut"; readonly afterBytes: number }
  | { readonly kind: "slow"; readonly bytesPerSecond: number };

export interface UpdateServerOptions {
  /** The system chooses when absent. */
  readonly port?: number;
  readonly onRequest?: (request: UpdateRequest) => void;
}

const CHUNK_BYTES = 64 * 1024;
const SLOW_STEPS = 10; // a second: nobody who counts the silence of a server takes a slow one for dead

export class UpdateServer {
  /** In the order in which they came. */
  readonly requests: UpdateRequest[] = [];
  /** Decides by the path what becomes of an answer; undefined = it is a good one. */
  misbehave: (path: string) => Misbehaviour | undefined = () => undefined;
  readonly #directory: string;
  readonly #server: Server;
  readonly #onRequest: (request: UpdateRequest) => void;

  private constructor(directory: string, options: UpdateServerOptions) {
    this.#directory = resolve(directory);
    this.#onRequest = options.onRequest ?? (() => {});
    this.#server = createServer((request, response) => {
      // Whoever asked has gone away in the middle of the answer: nobody is left to be told.
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  /**
   * @param directory  has VARIANT/ARCH/ and targets/; looked at anew for each request, so that it may be a link
   * @throws the system's error when the port is taken
   */
  static async start(directory: string, options: UpdateServerOptions = {}): Promise<UpdateServer> {
    const server = new UpdateServer(directory, options);
    const listening = once(server.#server, "listening"); // rejects with an error that comes instead
    server.#server.listen(options.port ?? 0, "127.0.0.1");
    await listening;
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the server has ended");
    return address.port;
  }

  /** May be done more than once: a test takes the server away, and whoever made it clears up. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = request;
    const [path = "", query = ""] = url.split(/\?(.*)/s);
    const misbehaviour = this.misbehave(path);
    await using file = await openFile(this.#directory, path);
    const size = (await file?.stat())?.size ?? 0;
    const part = partOf(headers.range, size);
    const status = statusOf(method, file, part, misbehaviour);
    const seen = { method, path, query, range: headers.range, status };
    this.requests.push(seen);
    this.#onRequest(seen);
    if (file === undefined || (status !== 200 && status !== 206)) {
      response.writeHead(status, { "content-length": 0 }).end();
      return;
    }
    response.writeHead(status, {
      "accept-ranges": "bytes",
      "content-length": part.end - part.start,
      ...(status === 206 ? { "content-range": `bytes ${part.start}-${part.end - 1}/${size}` } : {}),
    });
    if (method === "HEAD") response.end();
    else await send(file, part, response, misbehaviour);
  }
}

interface Part {
  readonly isWhole: boolean;
  readonly start: number;
  /** The byte after the last one. */
  readonly end: number;
}

function partOf(range: string | undefined, size: number): Part {
  const [, start, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  if (start === undefined) return { isWhole: true, start: 0, end: size };
  return { isWhole: false, start: Number(start), end: last ? Math.min(Number(last) + 1, size) : size };
}

function statusOf(
  method: string,
  file: FileHandle | undefined,
  part: Part,
  misbehaviour: Misbehaviour | undefined,
): number {
  if (misbehaviour?.kind === "status") return misbehaviour.status;
  if (method !== "GET" && method !== "HEAD") return 405;
  if (file === undefined) return 404;
  if (part.isWhole) return 200;
  return part.start < part.end ? 206 : 416;
}

/** The file of a path; undefined when there is none below the directory. */
async function openFile(directory: string, path: string): Promise<FileHandle | undefined> {
  const place = placeOf(directory, path);
  const file = place === undefined ? undefined : await open(place, "r").catch(() => undefined);
  if ((await file?.stat())?.isFile() !== false) return file;
  await file?.close();
  return undefined;
}

function placeOf(directory: string, path: string): string | undefined {
  try {
    const place = join(directory, decodeURIComponent(path));
    return place.startsWith(directory + sep) ? place : undefined;
  } catch {
    return undefined; // no UTF-8 behind the percent signs, so no name of ours
  }
}

async function send(
  file: FileHandle,
  part: Part,
  response: ServerResponse,
  misbehaviour: Misbehaviour | undefined,
): Promise<void> {
  const end =
    misbehaviour?.kind === "cut" ? Math.min(part.start + misbehaviour.afterBytes, part.end) : part.end;
  const bytesPerSecond = misbehaviour?.kind === "slow" ? misbehaviour.bytesPerSecond : undefined;
  const most =
    bytesPerSecond === undefined ? CHUNK_BYTES : Math.max(1, Math.floor(bytesPerSecond / SLOW_STEPS));
  for (let at = part.start; at < end; ) {
    const wanted = Math.min(most, end - at);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, at);
    if (bytesRead === 0) break; // the file has become shorter
    if (bytesPerSecond !== undefined) await Bun.sleep((bytesRead / bytesPerSecond) * 1000);
    await written(response, buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
  if (end < part.end) response.destroy();
  else response.end();
}

/** @throws when the other side has gone away */
function written(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    response.once("close", reject);
    response.write(bytes, (error) => {
      response.off("close", reject);
      if (error) reject(error);
      else resolve();
    });
  });
}
