/**
 * A tar archive, compressed, that is written in one pass to where it will lie: nothing of it waits in memory or in
 * another file, so that a host whose disk is nearly full needs room for the finished archive alone.
 *
 * A header says how long its file is, which is known only when the file has gone by. So each header is a gzip member
 * of its own, stored and not compressed: its length is known before, and it is written again when the file is counted.
 * A gzip file is a row of members (RFC 1952 2.2).
 */
import { unlinkSync } from "node:fs";
import { type FileHandle, mkdir, open, rename, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { temporaryNameIn } from "../linux/files.ts";
import { fail } from "./failures.ts";
import { BLOCK_BYTES, paddingBytes, type TarEntry, tarHeader } from "./tar-header.ts";

export type Bytes = AsyncIterable<Uint8Array>;

// Compressed at once, each a member: a stream of one member would hold as much of a long log as comes meanwhile. Of
// this size a member costs next to nothing.
const MEMBER_BYTES = 512 * 1024;

// Logs of a host are no secret from its containers, which find the archive below /.bottlerocket/support.
const MODE = 0o644;

export class Archive {
  private position = 0;
  private isOpen = true;

  private constructor(
    private readonly output: string,
    private readonly temporary: string,
    private readonly file: FileHandle,
  ) {}

  /** @throws Failure "support/bad-output", "support/not-written" */
  static async create(output: string): Promise<Archive> {
    const problem = await problemOf(output);
    if (problem !== undefined) throw fail("support/bad-output", { output, problem });
    try {
      await mkdir(dirname(output), { recursive: true });
      const temporary = temporaryNameIn(dirname(output));
      const file = await open(temporary, "wx", MODE);
      await file.chmod(MODE); // whatever the umask
      return new Archive(output, temporary, file);
    } catch (cause) {
      throw fail("support/not-written", { output }, { cause });
    }
  }

  async addDirectory(name: string, modified: number): Promise<void> {
    const entry: TarEntry = { name: `${name}/`, kind: "directory", bytes: 0, mode: 0o755, modified };
    await this.append(stored(tarHeader(entry)));
  }

  /**
   * Adds a file.
   *
   * @throws what `content` throws; nothing of the file is in the archive then. Failure "support/not-written"
   */
  async addFile(name: string, modified: number, content: Bytes): Promise<void> {
    const start = this.position;
    const header = (bytes: number) => stored(tarHeader({ name, kind: "file", bytes, mode: 0o644, modified }));
    try {
      await this.append(header(0));
      const bytes = await this.compress(content);
      await this.write(header(bytes), start);
    } catch (cause) {
      await this.file.truncate(start);
      this.position = start;
      throw cause;
    }
  }

  /** Puts the archive in its place, from where another may go. @throws Failure "support/not-written" */
  async finish(): Promise<void> {
    try {
      await this.append(gzipSync(Buffer.alloc(2 * BLOCK_BYTES)));
      await this.close();
      await rename(this.temporary, this.output);
    } catch (cause) {
      throw fail("support/not-written", { output: this.output }, { cause });
    }
  }

  /** Removes what there is of an archive that will not be finished; at once, because a signal may be the reason. */
  async abandon(): Promise<void> {
    try {
      unlinkSync(this.temporary);
    } catch {
      // Absent: it is finished, or somebody else has removed it. Nothing else could be done about it here.
    }
    await this.close();
  }

  private async close(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    await this.file.close();
  }

  /** @returns how many bytes there were to compress */
  private async compress(content: Bytes): Promise<number> {
    let bytes = 0;
    let waiting: Uint8Array[] = [];
    let waitingBytes = 0;
    for await (const chunk of content) {
      bytes += chunk.length;
      waiting.push(chunk);
      waitingBytes += chunk.length;
      if (waitingBytes < MEMBER_BYTES) continue;
      await this.append(gzipSync(Buffer.concat(waiting)));
      waiting = [];
      waitingBytes = 0;
    }
    await this.append(gzipSync(Buffer.concat([...waiting, Buffer.alloc(paddingBytes(bytes))])));
    return bytes;
  }

  private async append(bytes: Uint8Array): Promise<void> {
    await this.write(bytes, this.position);
    this.position += bytes.length;
  }

  private async write(bytes: Uint8Array, position: number): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.file.write(bytes, done, bytes.length - done, position + done);
        done += bytesWritten;
      }
    } catch (cause) {
      throw fail("support/not-written", { output: this.output }, { cause });
    }
  }
}

async function problemOf(output: string): Promise<string | undefined> {
  if (basename(output) === "") return "it has no file name";
  const found = await stat(output).catch(() => undefined); // absent, or creating it tells why it cannot be
  return found?.isDirectory() === true ? "it is a directory" : undefined;
}

function stored(bytes: Uint8Array): Uint8Array {
  return gzipSync(bytes, { level: 0 });
}
