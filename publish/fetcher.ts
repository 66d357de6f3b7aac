/**
 * Fetches files of a repository as hosts do: over HTTP or from this machine's disk, each with a limit to its length and
 * to a server's slowness. Failures become the tool's own.
 */
import { Failure } from "../host/linux/failure.ts";
import { Downloads } from "../host/update/repository/index.ts";
import { fail } from "./failures.ts";

export class RepositoryFetcher {
  private readonly downloads: Downloads;

  /** @param silentMs  whoever says nothing for so long is not waited for any longer; as hosts wait when not given */
  constructor(silentMs?: number) {
    this.downloads = new Downloads(undefined, silentMs === undefined ? {} : { silentMs });
  }

  /**
   * A small file.
   *
   * @returns undefined when there is none
   * @throws publish/too-long, publish/not-fetched
   */
  async bytesIfExists(url: string, limit: number): Promise<Buffer | undefined> {
    try {
      return await this.downloads.bytesIfExists(url, limit);
    } catch (thrown) {
      throw ownFailure(thrown);
    }
  }

  /**
   * Hands over a file piece by piece.
   *
   * @throws publish/not-found, publish/not-fetched; publish/too-long as soon as it is longer than the limit
   */
  async readInto(url: string, limit: number, take: (chunk: Uint8Array) => void): Promise<void> {
    try {
      for await (const chunk of this.downloads.stream(url, limit)) take(chunk);
    } catch (thrown) {
      throw ownFailure(thrown);
    }
  }
}

/** What is wrong with a repository, in the words of the tool. */
export function ownFailure(thrown: unknown): unknown {
  if (!(thrown instanceof Failure)) return thrown;
  const options = { cause: thrown };
  // The codes say which facts there are.
  switch (thrown.code) {
    case "repository/not-found":
      return fail("publish/not-found", thrown.facts as { url: string }, options);
    case "repository/too-long":
      return fail("publish/too-long", thrown.facts as { url: string; limit: number }, options);
    case "repository/not-fetched":
    case "repository/too-slow":
      return fail("publish/not-fetched", thrown.facts as { url: string; reason: string }, options);
    case "repository/expired":
      return fail("publish/expired", thrown.facts as { role: string; url: string; expires: string }, options);
    case "repository/malformed":
    case "repository/unsigned":
    case "repository/rollback":
    case "repository/mixed": {
      const facts = thrown.facts as { role: string; url: string; problem: string };
      return fail("publish/bad-metadata", facts, options);
    }
    default:
      return thrown;
  }
}
