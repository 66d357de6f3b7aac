/** A connection to containerd, over its socket. */
import { setTimeout as pause } from "node:timers/promises";
import { Call, CallError, callCode } from "./call.ts";
import { Line, late, within } from "./line.ts";
import type { Calls, ReadRequest, ReadResponse, WriteRequest, WriteResponse } from "./messages.ts";
import { codecOf } from "./protocol.ts";

/** What containerd refused, or that it was not there. */
export class ContainerdError extends Error {
  constructor(
    method: string,
    readonly reason: "not-found" | "already-exists" | "unavailable" | "timeout" | "other",
    details: string,
    options?: ErrorOptions,
  ) {
    super(`containerd ${method}: ${details}`, options);
    this.name = "ContainerdError";
  }
}

export interface Containerd {
  readonly namespace: string;
  /**
   * Makes one call. Without a time limit it waits for as long as containerd does.
   *
   * @throws ContainerdError
   */
  call<Method extends keyof Calls>(
    method: Method,
    request: Calls[Method][0],
    timeoutMs?: number,
  ): Promise<Calls[Method][1]>;
  /** All of some content, which is small: a manifest, a configuration. */
  read(request: ReadRequest): Promise<Uint8Array>;
  /** A write into the store of content, under way. */
  openWrite(): WriteStream;
  /** The same connection; what it makes is kept until the lease ends. */
  withLease(lease: string): Containerd;
  close(): void;
}

export interface WriteStream {
  /** Sends one request and waits for what containerd says to it. */
  send(request: WriteRequest): Promise<WriteResponse>;
  end(): void;
}

const reasons: ReadonlyMap<number, ContainerdError["reason"]> = new Map([
  [callCode.notFound, "not-found"],
  [callCode.alreadyExists, "already-exists"],
  [callCode.unavailable, "unavailable"],
  [callCode.deadlineExceeded, "timeout"],
]);

/** Between two tries to connect. */
const connectPauseMs = 50;

/**
 * Connects, and waits until containerd answers.
 *
 * @throws ContainerdError that names the socket and the namespace
 */
export async function connectContainerd(
  socketPath: string,
  namespace: string,
  timeoutMs: number,
): Promise<Containerd> {
  const line = new Line(socketPath);
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    try {
      await within(deadlineMs - performance.now(), line.connection());
      return overLine(line, namespace, []);
    } catch (cause) {
      if (performance.now() < deadlineMs) {
        await pause(connectPauseMs);
        continue;
      }
      line.close();
      const details = `nobody answers on ${socketPath} (namespace ${namespace}) within ${timeoutMs / 1000} s`;
      throw new ContainerdError("connect", "unavailable", details, { cause });
    }
  }
}

function overLine(line: Line, namespace: string, lease: readonly (readonly [string, string])[]): Containerd {
  const metadata: readonly (readonly [string, string])[] = [["containerd-namespace", namespace], ...lease];
  const open = async (path: string, more: readonly (readonly [string, string])[] = []): Promise<Call> => {
    try {
      return new Call(await line.connection(), path, [...metadata, ...more]);
    } catch (cause) {
      throw new CallError(callCode.unavailable, cause instanceof Error ? cause.message : String(cause));
    }
  };
  return {
    namespace,
    async call(method, request, timeoutMs) {
      const codec = codecOf(method);
      // Containerd gives up too.
      const limit: [string, string][] = timeoutMs === undefined ? [] : [["grpc-timeout", `${timeoutMs}m`]];
      let timer: ReturnType<typeof setTimeout> | undefined;
      try {
        const opened = open(codec.path, limit);
        const call = await (timeoutMs === undefined ? opened : within(timeoutMs, opened));
        if (timeoutMs !== undefined) timer = setTimeout(() => call.cancel(late(timeoutMs)), timeoutMs);
        call.send(codec.encode(request), true);
        const answer = await call.next();
        // How it ended comes behind the answer.
        await call.next();
        // The table of calls says what the method's answer is.
        return codec.decode(answer ?? Buffer.alloc(0)) as Calls[typeof method][1];
      } catch (error) {
        throw errorOf(method, error);
      } finally {
        clearTimeout(timer);
      }
    },
    async read(request) {
      const method = "content.v1.Content/Read";
      const codec = codecOf(method);
      const chunks: Uint8Array[] = [];
      try {
        const call = await open(codec.path);
        call.send(codec.encode(request), true);
        for (let answer = await call.next(); answer !== undefined; answer = await call.next()) {
          chunks.push((codec.decode(answer) as ReadResponse).data);
        }
      } catch (error) {
        throw errorOf(method, error);
      }
      return Buffer.concat(chunks);
    },
    openWrite() {
      const method = "content.v1.Content/Write";
      const codec = codecOf(method);
      const opened = open(codec.path);
      // Told to whoever sends first.
      opened.catch(() => undefined);
      return {
        async send(request) {
          try {
            const call = await opened;
            call.send(codec.encode(request), false);
            const answer = await call.next();
            if (answer === undefined) throw new CallError(callCode.unavailable, "it hung up");
            return codec.decode(answer) as WriteResponse;
          } catch (error) {
            throw errorOf(method, error);
          }
        },
        end: () =>
          void opened.then(
            (call) => call.finish(),
            () => undefined,
          ),
      };
    },
    withLease: (id) => overLine(line, namespace, [["containerd-lease", id]]),
    close: () => line.close(),
  };
}

function errorOf(method: string, error: unknown): unknown {
  if (!(error instanceof CallError)) return error;
  return new ContainerdError(method, reasons.get(error.code) ?? "other", error.message);
}

/** Runs a call whose failure for this one reason is as good as none. */
export async function unless<T>(reason: ContainerdError["reason"], call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ContainerdError && error.reason === reason) return undefined;
    throw error;
  }
}
