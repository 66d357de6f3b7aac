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
import { cachedImage, manifestForHost, type UnpackedImage } from "./cached.ts";
import { digestOf } from "./chain.ts";
import { EcrLogins } from "./ecr/logins.ts";
import { endpointsOf, type ImageSource, parseImageSource } from "./image-source.ts";
import { type Descriptor, parseImageDocument } from "./manifest.ts";
import { EndpointError, type RegistryOptions, Repository } from "./registry.ts";
import type { RegistryConfig } from "./registry-config.ts";
import { pullAttempts, retryDelayMs } from "./retry.ts";
import { storeBlob } from "./store-blob.ts";
import { type FetchedManifest, storeImage } from "./store-image.ts";

/** Is told how a pull goes. */
export interface PullWatch {
  received(source: string, receivedBytes: number, totalBytes: number): void;
  /** There will be another attempt. */
  failedAttempt(problem: string): void;
}

export interface PullOptions extends Omit<RegistryOptions, "ecrLogins"> {
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
  const image = parseImageSource(source);
  if ("problem" in image) {
    throw containersFailure("image/bad-reference", { reference: source, problem: image.problem });
  }
  const { reference } = image;
  // A digest means the same for ever, so nobody has to be asked about it.
  if (reference.digest !== undefined && options.mayUseCached) {
    const cached = await cachedImage(containerd, source);
    if (cached !== undefined) return cached;
  }
  const asking = { ...options, ecrLogins: new EcrLogins(options) };
  const repositories = endpointsOf(image, options.config).map(
    (each) => new Repository(each, reference.repository, asking),
  );
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptPull(containerd, image, repositories, options.watch);
    } catch (error) {
      stop.throwIfAborted();
      if (error instanceof ContainerdError && error.reason === "unavailable") {
        throw containersFailure("image/runtime-gone", { reference: source }, { cause: error });
      }
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

/** Keeps what comes from the collector of garbage until all of it is there, for a day if this process ends early. */
async function underLease<T>(
  containerd: Containerd,
  source: string,
  work: (leased: Containerd) => Promise<T>,
): Promise<T> {
  const id = `pinwheel-pull-${digestOf(Buffer.from(source)).slice("sha256:".length)}`;
  const expiry = new Date(Date.now() + 24 * 60 * 60 * 1000).toISOString();
  const labels = { "containerd.io/gc.expire": expiry };
  await unless("already-exists", containerd.call("leases.v1.Leases/Create", { id, labels }));
  const done = await work(containerd.withLease(id));
  await unless("not-found", containerd.call("leases.v1.Leases/Delete", { id }));
  return done;
}

async function attemptPull(
  containerd: Containerd,
  { reference, names }: ImageSource,
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
  const manifestOf = (which: string, digest: string | undefined) =>
    firstOf((repository) => fetchManifest(repository, which, digest));

  const [named, cached] = await Promise.all([
    manifestOf(reference.digest ?? reference.tag ?? "", reference.digest),
    cachedImage(containerd, names[0]),
  ]);
  if (cached?.digest === named.digest) return cached;
  return underLease(containerd, names[0], async (leased) => {
    const inIndex = named.document.kind === "index" ? manifestForHost(named.document).digest : undefined;
    const chosen = inIndex === undefined ? named : await manifestOf(inIndex, inIndex);
    return storeImage(leased, names, named, chosen, {
      bring: (content: Descriptor, told) =>
        firstOf((repository) =>
          storeBlob(leased, content, (offset) => repository.blob(content.digest, offset), told),
        ),
      received: (bytes, total) => watch?.received(names[0], bytes, total),
    });
  });
}

async function fetchManifest(
  repository: Repository,
  which: string,
  expected: string | undefined,
): Promise<FetchedManifest> {
  const { mediaType, bytes } = await repository.manifest(which);
  const digest = digestOf(bytes, expected);
  if (expected !== undefined && digest !== expected) {
    const at = repository.endpoint.url;
    throw new EndpointError(`${at}: the manifest ${expected} has another digest, ${digest}`, false);
  }
  try {
    const document = parseImageDocument(mediaType, bytes);
    return { mediaType, digest, size: bytes.length, bytes, document };
  } catch (cause) {
    throw new EndpointError(`${repository.endpoint.url}: manifest ${which}`, false, { cause });
  }
}
