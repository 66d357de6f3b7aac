/** Collects what the requests name into one archive. What answers to `logdog` is here. */
import { join } from "node:path";
import { Failure, failureText } from "../linux/failure.ts";
import { startProgram } from "../linux/program-output.ts";
import { Archive, type Bytes } from "./archive.ts";
import { fileContent, httpContent, matchingFiles } from "./contents.ts";
import { merged } from "./merged.ts";
import { redacted, type Secrets } from "./redact.ts";
import { parseRequest, type Request } from "./requests.ts";

/** The one directory in an archive, and the file in it that says what could not be collected. */
export const TOP = "bottlerocket-logs";
export const ERRORS = "logdog.errors";

/** A program that says nothing for so long waits for something that does not come. */
const SILENT_MS = 60_000;

export interface Collecting {
  /** The directory under which the host's files are found: "/" on a host. */
  readonly root: string;
  /** One a line, as in collections.toml. */
  readonly requests: readonly string[];
  readonly secrets: Secrets;
  /** What is known to be missing before anything is collected, for the file of errors. */
  readonly problems: readonly string[];
  /** The settings without those that are secret, as text. */
  settings(): Promise<string>;
  /** Told of each request before it is made. */
  tell(request: string): void;
  /** The time of what has no time of its own, in seconds since 1970. */
  readonly now: number;
}

/**
 * Writes the archive. What cannot be collected is named in it and stops nothing else.
 *
 * @param output  an existing file is replaced when all is done, and not before
 * @throws Failure "support/bad-output", "support/not-written": nothing is left of the archive then
 */
export async function collectLogs(collecting: Collecting, output: string): Promise<void> {
  const archive = await Archive.create(output);
  const stop = () => {
    void archive.abandon(); // the file is removed when this returns, and the process ends anyway
    process.exit(1);
  };
  for (const signal of stopSignals) process.on(signal, stop);
  try {
    await archive.addDirectory(TOP, collecting.now);
    const errors = [...collecting.problems];
    for (const line of collecting.requests) {
      collecting.tell(line);
      const problem = await problemOf(new Collector(collecting, archive).collect(line));
      if (problem !== undefined) errors.push(`Error running command '${line}': '${problem}'`);
    }
    const text = errors.map((error) => `${error.replace(/\s*\n\s*/g, " ")}\n`).join("");
    await new Collector(collecting, archive).add(ERRORS, collecting.now, bytesOf(text));
    await archive.finish();
  } catch (cause) {
    await archive.abandon();
    throw cause;
  } finally {
    for (const signal of stopSignals) process.off(signal, stop);
  }
}

const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What a request had to say against being carried out. That the archive cannot be written is not the request's problem. */
async function problemOf(collected: Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await collected;
  } catch (cause) {
    if (cause instanceof Failure && cause.code === "support/not-written") throw cause;
    return failureText(cause);
  }
}

class Collector {
  constructor(
    private readonly collecting: Collecting,
    private readonly archive: Archive,
  ) {}

  /** @returns what went wrong, if something did that leaves what was collected as it is */
  async collect(line: string): Promise<string | undefined> {
    const request = parseRequest(line);
    switch (request.kind) {
      case "wrong":
        return request.problem;
      case "exec":
        return this.runProgram(request);
      case "file":
        return this.copy(request.path, request.file);
      case "http":
        return this.add(request.file, this.collecting.now, await httpContent(request.url));
      case "glob":
        for (const path of await matchingFiles(this.collecting.root, request.pattern)) {
          await this.copy(path, path.slice(1));
        }
        return undefined;
      case "settings":
        return this.add(request.file, this.collecting.now, bytesOf(await this.collecting.settings()));
    }
  }

  /** Adds a file without its secrets. */
  async add(name: string, modified: number, content: Bytes): Promise<undefined> {
    await this.addOpen(name, modified, redacted(content, this.collecting.secrets));
  }

  private addOpen(name: string, modified: number, content: Bytes): Promise<void> {
    return this.archive.addFile(`${TOP}/${name}`, modified, content);
  }

  private async copy(path: string, name: string): Promise<undefined> {
    const { modified, content } = await fileContent(join(this.collecting.root, path));
    await this.add(name, modified, content);
  }

  private async runProgram({ file, command }: Request & { kind: "exec" }): Promise<string | undefined> {
    const { now, secrets } = this.collecting;
    try {
      const program = startProgram(command, SILENT_MS);
      // Each by itself: a word of the one must not come to stand in the middle of a secret in the other.
      const streams = [program.stdout, program.stderr].map((stream) => redacted(stream, secrets));
      await this.addOpen(file, now, merged(streams));
      return program.killedBecause();
    } catch (cause) {
      if (!(cause instanceof Failure)) await this.addOpen(file, now, bytesOf(""));
      throw cause;
    }
  }
}

async function* bytesOf(text: string) {
  yield Buffer.from(text);
}
