/**
 * The four roles of a repository, verified from a trusted root role on (specification "updates" 12.2). The rules are
 * the library's; this fetches what they ask for, keeps the bytes that they were applied to, and says what is wrong.
 */
import type { Metadata, Root, Snapshot, Targets, Timestamp } from "@tufjs/models";
// Not the library's index: its own way of fetching is not needed here, and would be in the executable.
import { EqualVersionError } from "tuf-js/dist/error.js";
import { TrustedMetadataStore } from "tuf-js/dist/store.js";
import { Failure } from "../../linux/failure.ts";
import { fail } from "./failures.ts";
import { expired, refusalOf } from "./role-refusal.ts";

/** Where the files of the roles come from. */
export interface RoleFiles {
  /** As people would find it. */
  urlOf(name: string): string;
  /** @returns undefined when there is no such file */
  read(name: string, limit: number): Promise<Buffer | undefined>;
}

/** What was verified before, by this host: newer metadata must not be older than this. */
export interface KnownRoles {
  /** The newest root role comes last; each follows upon the one before, the first upon the trusted one. */
  readonly roots: readonly Buffer[];
  readonly timestamp?: Buffer | undefined;
  readonly snapshot?: Buffer | undefined;
}

export interface RoleFile {
  /** As served, such as `1700000000.snapshot.json`. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** The bytes that were verified. */
export interface VerifiedRoles {
  /** From the trusted one to the newest, by version. */
  readonly roots: ReadonlyMap<number, Buffer>;
  readonly timestamp: RoleFile;
  readonly snapshot: RoleFile;
  readonly targets: RoleFile;
  readonly metadata: {
    readonly root: Metadata<Root>;
    readonly timestamp: Metadata<Timestamp>;
    readonly snapshot: Metadata<Snapshot>;
    readonly targets: Metadata<Targets>;
  };
  /** Fails when one of the roles has expired by now. @throws repository/expired */
  refuseExpired(now: Date): void;
}

const MIB = 1024 * 1024;
const MOST_ROOTS = 1024;

/**
 * Verifies the roles one after another.
 *
 * @param trusted  a root role that is trusted, and where it lies
 * @param learn    is given what has been verified so far, also when what follows fails
 * @param now      roles that have expired by then are refused; "whenever" takes them, for the copy that is read at boot,
 *   when the clock may be wrong
 * @throws repository/… naming the role, its URL and the reason
 */
export async function verifyRoles(
  files: RoleFiles,
  trusted: { readonly bytes: Buffer; readonly path: string },
  known: KnownRoles,
  now: Date | "whenever",
  learn: (known: KnownRoles) => Promise<void> = async () => undefined,
): Promise<VerifiedRoles> {
  const verification = new Verification(files, trusted, now);
  try {
    await verification.followRoots(known.roots);
    await verification.timestamp(known.timestamp);
    await verification.snapshot(known.snapshot);
    await verification.targets();
  } catch (thrown) {
    // That what was learnt cannot be kept, too, is not what has to be told now.
    await learn(verification.learnt(known)).catch(() => undefined);
    throw thrown;
  }
  await learn(verification.learnt(known));
  return verification.result();
}

class Verification {
  private readonly store: TrustedMetadataStore;
  private readonly roots = new Map<number, Buffer>();
  private readonly trustedVersion: number;
  private timestampBytes: Buffer | undefined;
  private snapshotBytes: Buffer | undefined;
  private targetsBytes: Buffer | undefined;

  constructor(
    private readonly files: RoleFiles,
    trusted: { readonly bytes: Buffer; readonly path: string },
    private readonly now: Date | "whenever",
  ) {
    this.store = this.understand(
      "root",
      trusted.path,
      trusted.bytes,
      () => new TrustedMetadataStore(trusted.bytes),
    );
    // The library has no other way to be told the time. At its beginning nothing has expired.
    Object.defineProperty(this.store, "referenceTime", { value: now === "whenever" ? new Date(0) : now });
    this.trustedVersion = this.store.root.signed.version;
    this.roots.set(this.trustedVersion, trusted.bytes);
  }

  async followRoots(known: readonly Buffer[]): Promise<void> {
    // Those up to the image's own do not follow upon it, and are passed over.
    for (const bytes of known) this.tryKnown(() => this.takeRoot("known before", bytes));
    for (let step = 0; ; step++) {
      const name = `${this.store.root.signed.version + 1}.root.json`;
      const url = this.files.urlOf(name);
      if (step === MOST_ROOTS) {
        throw fail("repository/malformed", {
          role: "root",
          url,
          problem: `there are more than ${MOST_ROOTS}`,
        });
      }
      // Only "there is none" ends the search: who could keep the next one from us, could keep us at a lost key.
      const bytes = await this.files.read(name, MIB);
      if (bytes === undefined) break;
      this.takeRoot(url, bytes);
    }
    this.refuseExpired("root", `${this.store.root.signed.version}.root.json`, this.store.root.signed.expires);
  }

  async timestamp(known: Buffer | undefined): Promise<void> {
    // Also when it has expired: then it still says what is older.
    if (known !== undefined) this.tryKnown(() => this.store.updateTimestamp(known));
    if (this.store.timestamp !== undefined) this.timestampBytes = known;
    const bytes = await this.needed("timestamp.json", MIB);
    const url = this.files.urlOf("timestamp.json");
    try {
      this.understand("timestamp", url, bytes, () => this.store.updateTimestamp(bytes));
      this.timestampBytes = bytes;
    } catch (thrown) {
      if (!(thrown instanceof Failure && thrown.cause instanceof EqualVersionError)) throw thrown;
      const { timestamp } = this.store;
      if (timestamp !== undefined) {
        this.refuseExpired("timestamp", "timestamp.json", timestamp.signed.expires);
      }
    }
  }

  async snapshot(known: Buffer | undefined): Promise<void> {
    const version = this.store.timestamp?.signed.snapshotMeta.version;
    const length = this.store.timestamp?.signed.snapshotMeta.length;
    if (
      known !== undefined &&
      this.tryKnown(() => this.store.updateSnapshot(known, true)) &&
      this.tryKnown(() => this.store.timestamp?.signed.snapshotMeta.verify(known))
    ) {
      this.snapshotBytes = known;
      return;
    }
    const name = this.versioned(version, "snapshot.json");
    const bytes = await this.needed(name, length ?? MIB);
    this.understand("snapshot", this.files.urlOf(name), bytes, () => this.store.updateSnapshot(bytes));
    this.snapshotBytes = bytes;
  }

  async targets(): Promise<void> {
    const meta = this.store.snapshot?.signed.meta["targets.json"];
    const name = this.versioned(meta?.version, "targets.json");
    const bytes = await this.needed(name, meta?.length ?? 10 * MIB);
    const take = () => this.store.updateDelegatedTargets(bytes, "targets", "root");
    this.understand("targets", this.files.urlOf(name), bytes, take);
    this.targetsBytes = bytes;
  }

  /** What was known, and what of it is newer now. */
  learnt(known: KnownRoles): KnownRoles {
    const newer = [...this.roots].filter(([version]) => version > this.trustedVersion);
    return {
      roots: newer.map(([, bytes]) => bytes),
      timestamp: this.timestampBytes ?? known.timestamp,
      snapshot: this.snapshotBytes ?? known.snapshot,
    };
  }

  result(): VerifiedRoles {
    const { root, timestamp, snapshot, targets } = this.store;
    const { timestampBytes, snapshotBytes, targetsBytes } = this;
    if (timestamp === undefined || snapshot === undefined || targets === undefined) throw incomplete();
    if (timestampBytes === undefined || snapshotBytes === undefined || targetsBytes === undefined) {
      throw incomplete();
    }
    const names = {
      root: `${root.signed.version}.root.json`,
      timestamp: "timestamp.json",
      snapshot: this.versioned(snapshot.signed.version, "snapshot.json"),
      targets: this.versioned(targets.signed.version, "targets.json"),
    };
    return {
      roots: this.roots,
      timestamp: { name: names.timestamp, bytes: timestampBytes },
      snapshot: { name: names.snapshot, bytes: snapshotBytes },
      targets: { name: names.targets, bytes: targetsBytes },
      metadata: { root, timestamp, snapshot, targets },
      refuseExpired: (now) => {
        const refuse = (role: keyof typeof names, expires: string) =>
          this.refuseExpired(role, names[role], expires, now);
        refuse("root", root.signed.expires);
        refuse("timestamp", timestamp.signed.expires);
        refuse("snapshot", snapshot.signed.expires);
        refuse("targets", targets.signed.expires);
      },
    };
  }

  private takeRoot(url: string, bytes: Buffer): void {
    const { signed } = this.understand("root", url, bytes, () => this.store.updateRoot(bytes));
    this.roots.set(signed.version, bytes);
  }

  /** @returns whether it was taken; what this host kept may be older than the keys of today, or too old by now */
  private tryKnown(take: () => unknown): boolean {
    try {
      take();
      return true;
    } catch {
      // Whatever it is, it is not what is trusted in the end: that is fetched.
      return false;
    }
  }

  private understand<Result>(role: string, url: string, bytes: Buffer, take: () => Result): Result {
    try {
      return take();
    } catch (cause) {
      throw refusalOf(role, url, bytes, cause, this.now);
    }
  }

  private versioned(version: number | undefined, name: string): string {
    return this.store.root.signed.consistentSnapshot && version !== undefined ? `${version}.${name}` : name;
  }

  private async needed(name: string, limit: number): Promise<Buffer> {
    const bytes = await this.files.read(name, limit);
    if (bytes === undefined) throw fail("repository/not-found", { url: this.files.urlOf(name) });
    return bytes;
  }

  private refuseExpired(role: string, name: string, expires: string, now = this.now): void {
    if (now === "whenever" || now < new Date(expires)) return;
    throw expired(role, this.files.urlOf(name), expires, now);
  }
}

function incomplete(): Error {
  return new Error("The roles of the repository were not all verified");
}
