/**
 * Images brought from a registry into containerd, unpacked and ready to run.
 *
 * What has come stays when the rest does not: the next try, and the next process, go on from there.
 */
import { setTimeout as pause } from "node:timers/promises";
import { failureText } from "../../linux/failure.ts";
import type { Log } from "../../linux/log.ts";
import { containersFailure } from "../failures.ts";
import { type Containerd, ContainerdError, unless } from "../runtime/containerd.ts";
import { chainIds, digestOf } from "./chain.ts";
import { endpointsFor } from "./endpoints.ts";
import {
  type Descriptor,
  type ImageConfig,
  type ImageDocument,
  parseImageConfig,
  parseImageDocument,
} from "./manifest.ts";
import { type ImageReference, parseReference } from "./reference.ts";
import { EndpointError, type RegistryOptions, Repository } from "./registry.ts";
import type { RegistryConfig } from "./registry-config.ts";
import { pullAttempts, retryDelayMs } from "./retry.ts";
import { storeBlob } from "./store-blob.ts";
import { isUnpacked, snapshotter, unpackLayers } from "./unpack.ts";

/** An image that can be run. */
export interface UnpackedImage {
  readonly name: string;
  /** What the name stands for: the digest of the index, where there is one, or of the manifest. */
  readonly digest: string;
  readonly config: ImageConfig;
  /** The snapshot with all its layers. */
  readonly snapshot: string;
}

/** Is told how a pull goes. */
export interface PullWatch {
  received(source: string, receivedBytes: number, totalBytes: number): void;
  /** There will be another attempt. */
  failedAttempt(problem: string): void;
}

export interface PullOptions extends RegistryOptions {
  readonly config: RegistryConfig;
  readonly log: Log;
  /** What an earlier pull has left is run when no endpoint can be asked. */
  readonly mayUseCached: boolean;
  readonly watch?: PullWatch;
}

/**
 * Pulls an image, trying again as often as is worth while.
 *
 * @throws Failure image/…; whatever the signal says if that ends it
 */
export async function pullImage(
  containerd: Containerd,
  source: string,
  options: PullOptions,
): Promise<UnpackedImage> {
  const { log, stop } = options;
  const reference = parseReference(source);
  if ("problem" in reference) {
    throw containersFailure("image/bad-reference", { reference: source, problem: reference.problem });
  }
  // A digest means the same for ever, so nobody has to be asked about it.
  if (reference.digest !== undefined && options.mayUseCached) {
    const cached = await cachedImage(containerd, source);
    if (cached !== undefined) return cached;
  }
  const endpoints = endpointsFor(reference.host, options.config);
  const repositories = endpoints.map((each) => new Repository(each, reference.repository, options));
  // Keeps what has come from the collector of garbage, for a day if this process ends early.
  const lease = `pinwheel-pull-${digestOf(Buffer.from(source)).slice("sha256:".length)}`;
  const leased = containerd.withLease(lease);
  for (let attempt = 1; ; attempt++) {
    try {
      await openLease(containerd, lease);
      const image = await attemptPull(leased, reference, repositories, options.watch);
      await unless("not-found", containerd.call("leases.v1.Leases/Delete", { id: lease }));
      return image;
    } catch (error) {
      stop.throwIfAborted();
      if (!(error instanceof PullError)) {
        throw containersFailure("image/not-usable", { reference: source }, { cause: error });
      }
      if (error.isOutage && options.mayUseCached) {
        const cached = await cachedImage(containerd, source);
        if (cached !== undefined) {
          log.warn(`${failureText(error)}; running ${source} as it was pulled earlier`);
          return cached;
        }
      }
      if (attempt === pullAttempts) {
        throw containersFailure(
          "image/not-pulled",
          { reference: source, attempts: attempt },
          { cause: error },
        );
      }
      const delayMs = retryDelayMs(attempt, Math.random());
      const problem = `pulling ${source}: ${failureText(error)}`;
      log.warn(`${problem}; trying again in ${(delayMs / 1000).toFixed(1)} s`);
      options.watch?.failedAttempt(`${problem}; trying again after attempt ${attempt} of ${pullAttempts}`);
      await pause(delayMs, undefined, { signal: stop });
    }
  }
}

/** No endpoint gave the image. */
class PullError extends Error {
  constructor(
    problems: readonly string[],
    /** None of them said no. */
    readonly isOutage: boolean,
  ) {
    super(problems.join("; "));
  }
}

async function openLease(containerd: Containerd, id: string): Promise<void> {
  const expiry = new Date(Date.now() + 24 * 60 * 60 * 1000).toISOString();
  const labels = { "containerd.io/gc.expire": expiry };
  await unless("already-exists", containerd.call("leases.v1.Leases/Create", { id, labels }));
}

async function attemptPull(
  containerd: Containerd,
  reference: ImageReference,
  repositories: readonly Repository[],
  watch: PullWatch | undefined,
): Promise<UnpackedImage> {
  const problems: string[] = [];
  let isOutage = true;
  /** Asks one endpoint after the other. */
  const firstOf = async <T>(ask: (repository: Repository) => Promise<T>): Promise<T> => {
    for (const repository of repositories) {
      try {
        return await ask(repository);
      } catch (error) {
        if (!(error instanceof EndpointError)) throw error;
        problems.push(failureText(error));
        isOutage &&= error.isOutage;
      }
    }
    throw new PullError([...new Set(problems)], isOutage);
  };
  const blob = (descriptor: Descriptor, told: (bytes: number) => void) =>
    firstOf((repository) =>
      storeBlob(containerd, descriptor, (offset) => repository.blob(descriptor.digest, offset), told),
    );
  const manifestOf = (which: string, digest: string | undefined) =>
    firstOf((repository) => storeManifest(containerd, repository, which, digest));

  const named = await manifestOf(reference.digest ?? reference.tag ?? "", reference.digest);
  const inIndex = named.document.kind === "index" ? manifestForHost(named.document).digest : undefined;
  const chosen = inIndex === undefined ? named : await manifestOf(inIndex, inIndex);
  if (chosen.document.kind !== "manifest") throw new Error(`index ${chosen.digest} is inside another index`);
  const { config, layers } = chosen.document;
  // An image may have the same layer twice.
  const blobs = [...new Map([config, ...layers].map((each) => [each.digest, each])).values()];
  const totalBytes = sum(blobs.map(({ size }) => size));
  const received = new Map<string, number>();
  const told = (digest: string) => (bytes: number) => {
    received.set(digest, bytes);
    watch?.received(reference.text, sum([...received.values()]), totalBytes);
  };
  // To the end of all of them: what one endpoint does not have is no reason to leave the others half done.
  const stored = await Promise.allSettled(blobs.map((each) => blob(each, told(each.digest))));
  for (const each of stored) if (each.status === "rejected") throw each.reason;

  const read = await containerd.read({ digest: config.digest, offset: 0, size: 0 });
  const image = parseImageConfig(read);
  const snapshot = await unpackLayers(containerd, layers, image.diffIds);
  // What names what, for the collector of garbage.
  const link = (from: string, links: readonly (readonly [string, string])[]) =>
    label(containerd, from, links);
  if (snapshot !== "") await link(config.digest, [[`gc.ref.snapshot.${snapshotter}`, snapshot]]);
  await link(chosen.digest, [
    ["gc.ref.content.config", config.digest],
    ...layers.map(({ digest }, index) => [`gc.ref.content.l.${index}`, digest] as const),
  ]);
  if (named !== chosen) await link(named.digest, [["gc.ref.content.m.0", chosen.digest]]);
  await nameImage(containerd, reference.text, named);
  return { name: reference.text, digest: named.digest, config: image, snapshot };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

interface StoredManifest extends Descriptor {
  readonly document: ImageDocument;
}

async function storeManifest(
  containerd: Containerd,
  repository: Repository,
  which: string,
  expected: string | undefined,
): Promise<StoredManifest> {
  const { mediaType, bytes } = await repository.manifest(which);
  const digest = digestOf(bytes, expected);
  if (expected !== undefined && digest !== expected) {
    const at = repository.endpoint.url;
    throw new EndpointError(`${at}: the manifest ${expected} has another digest, ${digest}`, false);
  }
  let document: ImageDocument;
  try {
    document = parseImageDocument(mediaType, bytes);
  } catch (cause) {
    throw new EndpointError(`${repository.endpoint.url}: manifest ${which}`, false, { cause });
  }
  const descriptor = { mediaType, digest, size: bytes.length };
  await storeBlob(containerd, descriptor, async function* (offset) {
    yield bytes.subarray(offset);
  });
  return { ...descriptor, document };
}

/** The manifest among those of an index that this machine can run. */
function manifestForHost(index: Extract<ImageDocument, { kind: "index" }>): Descriptor {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const found = index.manifests.find((each) => each.os === "linux" && each.architecture === architecture);
  if (found !== undefined) return found;
  const has = index.manifests.map((each) => `${each.os}/${each.architecture}`).join(", ");
  throw new Error(`it has nothing for linux/${architecture}, only ${has || "nothing at all"}`);
}

async function label(
  containerd: Containerd,
  digest: string,
  links: readonly (readonly [string, string])[],
): Promise<void> {
  const labels = Object.fromEntries(links.map(([name, value]) => [`containerd.io/${name}`, value]));
  const paths = Object.keys(labels).map((name) => `labels.${name}`);
  await containerd.call("content.v1.Content/Update", { info: { digest, labels }, updateMask: { paths } });
}

async function nameImage(containerd: Containerd, name: string, target: Descriptor): Promise<void> {
  const { mediaType, digest, size } = target;
  const image = { name, target: { mediaType, digest, size } };
  const created = await unless("already-exists", containerd.call("images.v1.Images/Create", { image }));
  if (created === undefined) await containerd.call("images.v1.Images/Update", { image });
}

/** An image as an earlier pull has left it, `undefined` if it is not all there. */
async function cachedImage(containerd: Containerd, name: string): Promise<UnpackedImage | undefined> {
  try {
    const { image } = await containerd.call("images.v1.Images/Get", { name });
    const read = async ({ mediaType, digest }: Descriptor) =>
      parseImageDocument(mediaType, await containerd.read({ digest, offset: 0, size: 0 }));
    const named = await read(image.target);
    const chosen = named.kind === "manifest" ? named : await read(manifestForHost(named));
    if (chosen.kind !== "manifest") return undefined;
    const config = parseImageConfig(
      await containerd.read({ digest: chosen.config.digest, offset: 0, size: 0 }),
    );
    const snapshot = chainIds(config.diffIds).at(-1) ?? "";
    const { digest } = image.target;
    return (await isUnpacked(containerd, snapshot)) ? { name, digest, config, snapshot } : undefined;
  } catch (error) {
    if (error instanceof ContainerdError && error.reason === "not-found") return undefined;
    throw error;
  }
}
