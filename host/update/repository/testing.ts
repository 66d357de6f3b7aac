/** For tests: a repository with keys of its own, served over HTTP, whose server does what a test says. */
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Metadata, Root, Snapshot, TargetFile, Timestamp } from "@tufjs/models";
import { generateKey, type SigningKey, signingKeyFromPem } from "../../../publish/keys.ts";
import { firstRoot, nextRoot, type RootKeys } from "../../../publish/root-role.ts";
import { metadataText, signedMetadata } from "../../../publish/sign.ts";
import { Failure } from "../../linux/failure.ts";
import { openRepository, type Repository, trustedRootFile } from "./index.ts";
import type { Patience } from "./pace.ts";

const DAY_NS = 86_400n * 1_000_000_000n;

type Targets = Readonly<Record<string, string | Uint8Array>>;
/** The part of a timestamp or snapshot that is signed. */
interface Signed {
  version: number;
  readonly meta: Record<string, { version: number; length?: number; hashes?: object }>;
}

type Answer = (request: Request) => Response;

export function newKey(): SigningKey {
  return signingKeyFromPem("a key", generateKey("ed25519"));
}

export function sha256(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export class TestRepository {
  key = newKey();
  root: Metadata<Root>;
  /** By path, such as `metadata/timestamp.json`. */
  readonly files = new Map<string, string | Uint8Array>();
  /** Come before the files. */
  readonly answers = new Map<string, Answer>();
  readonly requests: URL[] = [];
  private readonly server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => this.answer(request),
  });
  private readonly hosts: string[] = [];

  constructor() {
    this.root = firstRoot(this.keys(), nowNs());
    this.files.set("metadata/1.root.json", metadataText(this.root));
  }

  [Symbol.dispose](): void {
    this.server.stop(true);
    for (const host of this.hosts) rmSync(host, { recursive: true, force: true });
  }

  get metadataUrl(): string {
    return `http://127.0.0.1:${this.server.port}/metadata/`;
  }

  get targetsUrl(): string {
    return `http://127.0.0.1:${this.server.port}/targets/`;
  }

  /** Publishes these targets and no others. @param days  until all of it expires */
  publish(targets: Targets, version: number, days = 7n): void {
    this.publishWith(targets, version, { snapshot: days, targets: days, timestamp: days });
  }

  /** @param days  until each role expires; 7 for those that are not named */
  publishWith(
    targets: Targets,
    version: number,
    days: { readonly [Role in "snapshot" | "targets" | "timestamp"]?: bigint },
  ): void {
    const listed = Object.entries(targets).map(([path, content]) => {
      const hashes = { sha256: sha256(content) };
      this.files.set(`targets/${hashes.sha256}.${path}`, content);
      return new TargetFile({ path, length: Buffer.byteLength(content), hashes });
    });
    const lasting = (role: keyof typeof days) => (days[role] ?? 7n) * DAY_NS;
    const expirations = {
      snapshot: lasting("snapshot"),
      targets: lasting("targets"),
      timestamp: lasting("timestamp"),
    };
    for (const [name, text] of signedMetadata(listed, version, expirations, this.key, nowNs())) {
      this.files.set(`metadata/${name}`, text);
    }
  }

  /** Publishes the next root role. @param key  what signs from now on */
  rotate(key: SigningKey): void {
    const present = this.key;
    this.key = key;
    this.root = nextRoot(this.root, [present], this.keys(), nowNs());
    this.files.set(`metadata/${this.root.signed.version}.root.json`, metadataText(this.root));
  }

  /** Signs the root role anew, changed. @param change  its JSON, without spaces */
  signRoot(change: (text: string) => string): void {
    const signed = Root.fromJSON(JSON.parse(change(JSON.stringify(this.root.signed.toJSON()))));
    this.root = new Metadata(signed);
    this.root.sign((data) => this.key.sign(data));
  }

  /** Signs a role's file anew, changed. @param change  what is signed, as JSON */
  resign(name: string, change: (signed: Signed) => void, as = name): void {
    const { signed } = JSON.parse(String(this.files.get(`metadata/${name}`)));
    change(signed);
    const kind = signed._type === "snapshot" ? Snapshot : Timestamp;
    const metadata = new Metadata<Snapshot | Timestamp>(kind.fromJSON(signed));
    metadata.sign((data) => this.key.sign(data));
    this.files.set(`metadata/${as}`, metadataText(metadata));
  }

  /** Changes a file of the metadata without signing it. */
  edit(name: string, change: (text: string) => string): void {
    this.files.set(`metadata/${name}`, change(String(this.files.get(`metadata/${name}`))));
  }

  /** A host's root directory that trusts the root role of now. */
  host(): string {
    const host = join(tmpdir(), `pinwheel-repository-${crypto.randomUUID()}`);
    mkdirSync(dirname(join(host, trustedRootFile)), { recursive: true });
    writeFileSync(join(host, trustedRootFile), metadataText(this.root));
    this.hosts.push(host);
    return host;
  }

  open(host: string, patience: Partial<Patience> = {}): Promise<Repository> {
    return openRepository(host, this, { version: "1.0.0", seed: "7" }, patience);
  }

  private keys(): RootKeys {
    return { root: [this.key], publication: [this.key], rootThreshold: 1, publicationThreshold: 1 };
  }

  private answer(request: Request): Response {
    const url = new URL(request.url);
    this.requests.push(url);
    const path = decodeURIComponent(url.pathname.slice(1));
    const special = this.answers.get(path);
    if (special !== undefined) return special(request);
    const file = this.files.get(path);
    return file === undefined ? new Response("none", { status: 404 }) : new Response(file);
  }
}

function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

/** What an attempt is refused with: `code: sentence`. */
export async function refusal(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (thrown) {
    if (thrown instanceof Failure) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
  throw new Error("nothing was refused");
}

export async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(stream)).toString();
}

/** Answers with blanks that never end. */
export function endless(): Response {
  const block = new Uint8Array(64 * 1024).fill(32);
  return new Response(new ReadableStream({ pull: (out) => out.enqueue(block) }));
}

/** One byte, then one more each time so much time has passed. */
export function dripping(everyMs: number): Response {
  const drop = new TextEncoder().encode("c");
  return new Response(
    new ReadableStream({
      start: (out) => out.enqueue(drop),
      pull: async (out) => {
        await Bun.sleep(everyMs);
        out.enqueue(drop);
      },
    }),
  );
}
