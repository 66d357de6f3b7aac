/** How far a guest is with pulling an image from the lab's registry, as the registry's access log tells. */
import { type Registry, registryLogFrom } from "./registry.ts";

const POLL_MS = 500;
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/**
 * Waits until every part of an image has been sent, or until nobody wants to know any more.
 *
 * @param repository  without the registry's name: pinwheel-admin
 * @param from        byte of the registry's log to begin at
 * @param isOver      whether to give up
 * @param directory   build/registry when absent; tests have their own
 * @returns the bytes that were sent; undefined when it gave up
 */
export async function untilPulled(
  registry: Registry,
  repository: string,
  from: number,
  isOver: () => boolean,
  directory?: string,
): Promise<number | undefined> {
  for (; !isOver(); await Bun.sleep(POLL_MS)) {
    const log = await registryLogFrom(from, directory);
    const asked = manifestAskedFor(log, repository);
    if (asked === undefined) continue;
    const answer = await fetch(`${registry.url}${asked}`, { headers: { accept: MANIFEST } }).catch(
      () => undefined,
    );
    // A registry that has gone away: whether the guest gets in all the same is for others to find out, and to tell.
    if (answer?.ok !== true) continue;
    // docker-registry's answer for what our own build pushed.
    const { layers, config } = (await answer.json()) as { layers: Part[]; config: Part };
    const parts = [...layers, config];
    if (parts.every(({ digest }) => wasSent(log, repository, digest)))
      return parts.reduce((sum, { size }) => sum + size, 0);
  }
  return undefined;
}

interface Part {
  readonly digest: string;
  readonly size: number;
}

/** The path of the manifest that was asked for last. */
export function manifestAskedFor(log: string, repository: string): string | undefined {
  return [...log.matchAll(new RegExp(`"(?:GET|HEAD) (/v2/${repository}/manifests/\\S+) HTTP`, "g"))].at(
    -1,
  )?.[1];
}

/** Whether all of it was sent: the log has a line when an answer is complete. 206 is the rest of one that was cut off. */
export function wasSent(log: string, repository: string, digest: string): boolean {
  return new RegExp(`"GET /v2/${repository}/blobs/${digest} HTTP/1\\.1" (200|206) `).test(log);
}
