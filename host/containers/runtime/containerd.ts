/** A connection to containerd, over its socket. */
import {
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
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

const reasons: Readonly<Partial<Record<number, ContainerdError["reason"]>>> = {
  [status.NOT_FOUND]: "not-found",
  [status.ALREADY_EXISTS]: "already-exists",
  [status.UNAVAILABLE]: "unavailable",
  [status.DEADLINE_EXCEEDED]: "timeout",
};

const options = {
  // Layers of images are read and written in pieces that are smaller than this; manifests come whole.
  "grpc.max_receive_message_length": 16 * 1024 * 1024,
  "grpc.max_send_message_length": 16 * 1024 * 1024,
  // After a restart of containerd: not two minutes later.
  "grpc.initial_reconnect_backoff_ms": 200,
  "grpc.max_reconnect_backoff_ms": 2000,
};

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
  const client = new Client(`unix://${socketPath}`, credentials.createInsecure(), options);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  client.waitForReady(Date.now() + timeoutMs, (cause) => {
    const details = `nobody answers on ${socketPath} (namespace ${namespace}) within ${timeoutMs / 1000} s`;
    if (cause) reject(new ContainerdError("connect", "unavailable", details, { cause }));
    else resolve();
  });
  await promise.catch((error: unknown) => {
    client.close();
    throw error;
  });
  return overClient(client, namespace);
}

function overClient(client: Client, namespace: string, lease?: string): Containerd {
  const metadata = new Metadata();
  metadata.set("containerd-namespace", namespace);
  if (lease !== undefined) metadata.set("containerd-lease", lease);
  return {
    namespace,
    call(method, request, timeoutMs) {
      const codec = codecOf(method);
      const deadline = timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
      const { promise, resolve, reject } = Promise.withResolvers<Calls[typeof method][1]>();
      client.makeUnaryRequest(
        codec.path,
        codec.encode,
        // The table of calls says what the method's answer is.
        (bytes) => codec.decode(bytes) as Calls[typeof method][1],
        request,
        metadata,
        deadline,
        (error, answer) => {
          if (error || answer === undefined) reject(errorOf(method, error));
          else resolve(answer);
        },
      );
      return promise;
    },
    async read(request) {
      const method = "content.v1.Content/Read";
      const codec = codecOf(method);
      const stream: ClientReadableStream<ReadResponse> = client.makeServerStreamRequest(
        codec.path,
        codec.encode,
        (bytes) => codec.decode(bytes) as ReadResponse,
        request,
        metadata,
      );
      const chunks: Uint8Array[] = [];
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      stream.on("data", ({ data }: ReadResponse) => chunks.push(data));
      stream.on("error", (error: ServiceError) => reject(errorOf(method, error)));
      stream.on("end", resolve);
      await promise;
      return Buffer.concat(chunks);
    },
    openWrite() {
      const method = "content.v1.Content/Write";
      const codec = codecOf(method);
      const stream = client.makeBidiStreamRequest(
        codec.path,
        codec.encode,
        (bytes) => codec.decode(bytes) as WriteResponse,
        metadata,
      );
      return writeStream(method, stream);
    },
    withLease: (id) => overClient(client, namespace, id),
    close: () => client.close(),
  };
}

function writeStream(method: string, stream: ClientDuplexStream<WriteRequest, WriteResponse>): WriteStream {
  let waiting: PromiseWithResolvers<WriteResponse> | undefined;
  let failed: ContainerdError | undefined;
  const fail = (error: ContainerdError) => {
    failed ??= error;
    waiting?.reject(failed);
    waiting = undefined;
  };
  stream.on("data", (answer: WriteResponse) => {
    waiting?.resolve(answer);
    waiting = undefined;
  });
  stream.on("error", (error: ServiceError) => fail(errorOf(method, error)));
  stream.on("end", () => fail(new ContainerdError(method, "unavailable", "it hung up")));
  return {
    send(request) {
      if (failed !== undefined) return Promise.reject(failed);
      waiting = Promise.withResolvers<WriteResponse>();
      const { promise } = waiting;
      stream.write(request);
      return promise;
    },
    end: () => stream.end(),
  };
}

function errorOf(method: string, error: ServiceError | null): ContainerdError {
  const details = error === null ? "no answer" : `${error.details} (${status[error.code] ?? error.code})`;
  return new ContainerdError(method, reasons[error?.code ?? -1] ?? "other", details);
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
