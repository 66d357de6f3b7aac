/** The real API server in a temporary root, and requests to it. */
import { join } from "node:path";
import type { TestRoot } from "./root.ts";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A running server. Its process id is that of apiserver itself. */
export class RunningServer {
  private constructor(
    readonly root: TestRoot,
    private readonly child: Bun.Subprocess<"ignore", "pipe", "pipe">,
    private readonly output: { text: string },
  ) {}

  /**
   * Starts a server and waits until it has said that it serves.
   *
   * @param mounts  see TestRoot.command
   */
  static async start(
    root: TestRoot,
    options: { env?: Record<string, string>; args?: string[]; mounts?: string } = {},
  ): Promise<RunningServer> {
    const args = options.args ?? [
      "--datastore-path",
      "/var/lib/bottlerocket/datastore/current",
      "--socket-gid",
      "274",
    ];
    const child = Bun.spawn(root.command(["/usr/bin/apiserver", ...args], "/", options.mounts), {
      // As its unit runs it: without the JIT.
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", BUN_JSC_useJIT: "0", ...options.env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const output = { text: "" };
    const server = new RunningServer(root, child, output);
    root.atEnd(() => server.end("SIGKILL"));
    const serving = Promise.withResolvers<void>();
    const collect = async (stream: ReadableStream<Uint8Array>) => {
      const decoder = new TextDecoder();
      for await (const chunk of stream) {
        output.text += decoder.decode(chunk, { stream: true });
        if (output.text.includes("Serving on ")) serving.resolve();
      }
    };
    const collected = Promise.all([collect(child.stdout), collect(child.stderr)]);
    void collected.then(() => serving.reject(new Error(`apiserver ended before it served:\n${output.text}`)));
    await serving.promise;
    return server;
  }

  get pid(): number {
    return this.child.pid;
  }

  /** Everything the server has printed so far. */
  get printed(): string {
    return this.output.text;
  }

  get socket(): string {
    return join(this.root.path, "run/api.sock");
  }

  /**
   * Makes a request.
   *
   * @throws Error when the answer is not as the description of the API says
   */
  async ask(method: string, uri: string, body?: string, contentType = "application/json"): Promise<Answer> {
    const response = await fetch(`http://localhost${uri}`, {
      unix: this.socket,
      method,
      headers: { "Content-Type": contentType },
      ...(body === undefined ? {} : { body }),
    });
    const answer = { status: response.status, body: await response.text() };
    const received = {
      ...answer,
      contentType: response.headers.get("content-type"),
      ownHeaders: Object.fromEntries([...response.headers].filter(([name]) => name.startsWith("pinwheel-"))),
    };
    // Loaded late, because the workstation tool has this file too, for its benchmark.
    const { notAsDescribed } = await import("./described.ts");
    const problem = notAsDescribed(method, uri, received);
    if (problem !== undefined) throw new Error(problem);
    return answer;
  }

  /** Sends bytes as they are and returns everything that comes back until the server hangs up. */
  async raw(bytes: string | Uint8Array, hangUpAfterSending = false): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    let received = "";
    let rest: Uint8Array = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
    const send = (socket: Bun.Socket) => {
      rest = rest.subarray(Math.max(0, socket.write(rest)));
      if (rest.length === 0 && hangUpAfterSending) socket.end();
    };
    await Bun.connect({
      unix: this.socket,
      socket: {
        open: send,
        drain: send,
        data: (_, data) => {
          received += data.toString();
        },
        close: () => resolve(received),
        error: () => resolve(received),
      },
    });
    return promise;
  }

  /** kill -9, or an orderly end with SIGTERM; returns the exit code. */
  async end(signal: "SIGKILL" | "SIGTERM" = "SIGTERM"): Promise<number | null> {
    this.child.kill(signal);
    await this.child.exited;
    return this.child.exitCode;
  }
}
