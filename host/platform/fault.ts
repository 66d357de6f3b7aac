/**
 * Whom a problem of the boot speaks against. A boot is good when the image did its duty: an update must not be
 * undone, or be impossible for ever, because of a document or a network that no image could work with.
 */

import { Failure } from "../linux/failure.ts";

/**
 * `given`: something the host was given is wrong or missing: a document, a setting, the network around it.
 * `image`: everything else, because a boot that is wrongly good keeps a bad image.
 */
export type Fault = "image" | "given";

const given: ReadonlySet<string> = new Set([
  "boot-config/too-long",
  "boot-config/unreadable",
  "containers/bad-settings",
  "network/bad-dns-settings",
  "network/no-primary",
  "network/primary-absent",
  "network/no-address",
  "orchestrator/bad-pods",
  "trust/bad-settings",
]);

/** The fault of anything that was thrown: that of the first failure in its chain of causes which is listed. */
export function faultOf(thrown: unknown): Fault {
  // A chain of causes can be a ring; eight are more than any room makes.
  for (let depth = 0, current = thrown; current instanceof Error && depth < 8; depth++) {
    if (current instanceof Failure && given.has(current.code)) return "given";
    current = current.cause;
  }
  return "image";
}
