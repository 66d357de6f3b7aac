/** The targets of a repository whose roles are verified: each is compared with what was signed. */
import { createHash } from "node:crypto";
import type { TargetFile } from "@tufjs/models";
import type { TargetSource } from "../target-source.ts";
import { fail } from "./failures.ts";
import type { VerifiedRoles } from "./roles.ts";

/** What is read whole into memory may have no more: manifests and migrations have a few KiB. */
const MOST_READ = 64 * 1024 * 1024;
/** Behind the hash and a dot it still has to be the name of one file. */
const LONGEST_NAME = 255 - 65;

export interface TargetFiles {
  /** As people would find it. */
  urlOf(fileName: string): string;
  /** @throws repository/… also when there is more than this many bytes */
  stream(fileName: string, limit: number): AsyncIterable<Uint8Array>;
}

/** The targets that the roles list, out of these files. */
export class VerifiedTargets implements TargetSource {
  /** @param beforeReading  throws when a target may no longer be read */
  constructor(
    private readonly roles: Pick<VerifiedRoles, "metadata">,
    private readonly files: TargetFiles,
    private readonly beforeReading: () => void = () => undefined,
  ) {}

  /** The same targets out of other files. */
  from(files: TargetFiles): VerifiedTargets {
    return new VerifiedTargets(this.roles, files);
  }

  has(name: string): boolean {
    return isFileName(name) && this.find(name) !== undefined;
  }

  /** @throws repository/no-target, repository/bad-target-name */
  length(name: string): number {
    return this.target(name).length;
  }

  /** The name of the target's file, with its hash in front where the repository has it so. */
  fileName(name: string): string {
    const target = this.target(name);
    return this.roles.metadata.root.signed.consistentSnapshot ? `${sha256Of(target, name)}.${name}` : name;
  }

  async read(name: string): Promise<Uint8Array> {
    const bytes = this.length(name);
    if (bytes > MOST_READ) throw fail("repository/target-too-big", { name, bytes, limit: MOST_READ });
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.stream(name)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async *stream(name: string): AsyncGenerator<Uint8Array> {
    const target = this.target(name);
    const expected = sha256Of(target, name);
    const fileName = this.fileName(name);
    const bad = (problem: string) =>
      fail("repository/bad-target", { name, url: this.files.urlOf(fileName), problem });
    this.beforeReading();
    const hash = createHash("sha256");
    let length = 0;
    for await (const chunk of this.files.stream(fileName, target.length)) {
      hash.update(chunk);
      length += chunk.length;
      yield chunk;
    }
    if (length !== target.length) throw bad(`it has ${length} bytes, signed are ${target.length}`);
    const found = hash.digest("hex");
    if (found !== expected) throw bad(`its SHA-256 is ${found}, signed is ${expected}`);
  }

  private target(name: string): TargetFile {
    if (!isFileName(name)) throw fail("repository/bad-target-name", { name });
    const target = this.find(name);
    if (target === undefined) throw fail("repository/no-target", { name });
    return target;
  }

  private find(name: string): TargetFile | undefined {
    const { targets } = this.roles.metadata.targets.signed;
    return Object.hasOwn(targets, name) ? targets[name] : undefined;
  }
}

/**
 * A name that stays where it is put, in a directory as in a URL. (The library of the format allows paths; no repository
 * of hosts has any.)
 */
function isFileName(name: string): boolean {
  const isPlain = name !== "" && !name.startsWith(".") && !/[/\\\p{Cc}]/u.test(name) && name.isWellFormed();
  return isPlain && Buffer.byteLength(name) <= LONGEST_NAME;
}

function sha256Of(target: TargetFile, name: string): string {
  const { sha256 } = target.hashes;
  if (sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256)) return sha256;
  throw fail("repository/no-target", { name: `${name} with a SHA-256` });
}
