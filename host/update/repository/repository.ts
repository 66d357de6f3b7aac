/** The update repository of this host, over the network, with its roles verified. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readTextIfExists } from "../../linux/files.ts";
import { Downloads } from "./downloads.ts";
import { fail } from "./failures.ts";
import type { Patience } from "./pace.ts";
import { type RoleFiles, type VerifiedRoles, verifyRoles } from "./roles.ts";
import { VerifiedTargets } from "./targets.ts";
import { TrustState } from "./trust-state.ts";

/** Baked into each image: what everything else is measured by. */
export const trustedRootFile = "usr/share/updog/root.json";
/** The certificates of settings.pki included. */
const AUTHORITIES = "etc/pki/tls/certs/ca-bundle.crt";

export interface RepositoryPlace {
  readonly metadataUrl: string;
  readonly targetsUrl: string;
}

export class Repository {
  readonly targets: VerifiedTargets;

  constructor(
    readonly roles: VerifiedRoles,
    readonly roleFiles: RoleFiles,
    private readonly downloads: Downloads,
    targetsUrl: string,
  ) {
    const urlOf = (fileName: string) => `${ended(targetsUrl)}${encodeURIComponent(fileName)}`;
    const stream = (fileName: string, limit: number) => downloads.stream(urlOf(fileName), limit);
    this.targets = new VerifiedTargets(roles, { urlOf, stream }, () => roles.refuseExpired(new Date()));
  }

  /** Every request from now on tells this, too (specification "updates" 7.1). */
  tell(name: "target" | "migrations", value: string): void {
    this.downloads.setParameter(name, value);
  }
}

/**
 * Fetches and verifies the roles, and keeps what was seen for the next time.
 *
 * @param root       "/", or a tree with the same files in a test
 * @param telling    parameters of every request, such as `version`
 * @throws repository/… naming role, URL and reason
 */
export async function openRepository(
  root: string,
  { metadataUrl, targetsUrl }: RepositoryPlace,
  telling: Readonly<Record<string, string>>,
  patience: Partial<Patience> = {},
): Promise<Repository> {
  const downloads = new Downloads(await readTextIfExists(join(root, AUTHORITIES)), patience);
  for (const [name, value] of Object.entries(telling)) downloads.setParameter(name, value);
  const urlOf = (name: string) => `${ended(metadataUrl)}${name}`;
  const files: RoleFiles = { urlOf, read: (name, limit) => downloads.bytesIfExists(urlOf(name), limit) };
  const trust = new TrustState(root, metadataUrl);
  const trusted = await readTrustedRoot(join(root, trustedRootFile));
  const known = await trust.read();
  const roles = await verifyRoles(files, trusted, known, new Date(), (learnt) => trust.write(learnt));
  return new Repository(roles, files, downloads, targetsUrl);
}

/** @throws repository/no-root */
export async function readTrustedRoot(
  path: string,
): Promise<{ readonly bytes: Buffer; readonly path: string }> {
  try {
    return { bytes: await readFile(path), path };
  } catch (cause) {
    throw fail("repository/no-root", { path }, { cause });
  }
}

function ended(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}
