/** The bundle of trusted certificates on the disk. What answers to `certdog` is here. */
import { join } from "node:path";
import { readTextIfExists, realPathIfExists, writeWhole } from "../../linux/files.ts";
import { certificatesOf } from "../../settings/index.ts";
import type { Remark } from "../remarks.ts";
import { bundleText, type PkiSettings, readPki, trustedCertificates } from "./bundle.ts";
import { trustFailure } from "./failures.ts";

/** Absolute paths of the two bundles. */
export interface TrustedStore {
  readonly store: string;
  readonly source: string;
}

/** Where the bundles are on a host whose files are below `root`. */
export function trustedStoreOf(root: string): TrustedStore {
  return {
    store: join(root, "etc/pki/tls/certs/ca-bundle.crt"),
    source: join(root, "usr/share/factory/etc/pki/tls/certs/ca-bundle.crt"),
  };
}

/**
 * Writes the store from the source and the settings, if it is not so already.
 *
 * @param pki  the member `pki` of the settings, `undefined` if there is none
 * @returns what was done
 * @throws  Failure if the settings or the source are wrong; the store is then untouched
 */
export async function updateTrustedStore(bundles: TrustedStore, pki: unknown): Promise<readonly Remark[]> {
  const settings = readPki(pki);
  const { problems } = settings;
  if (problems.length > 0) throw trustFailure("trust/bad-settings", { problems });
  const source = await readTextIfExists(bundles.source);
  const store = await readTextIfExists(bundles.store);
  if (source === undefined) throw badSource(bundles, "there is no such file");
  const isPlain = settings.trusted.length === 0 && settings.distrusted.length === 0;
  // A boot begins with a copy of the source, and most hosts have no certificates of their own to be read.
  if (isPlain && store === source) return [told("the trusted certificates are those of the image")];

  const { text, summary } = storeText(bundles, source, settings);
  if (store === text) return [told(`${summary}; so they were before`)];
  // Where the path is a link, what it leads to is replaced, not the link.
  const path = (await realPathIfExists(bundles.store)) ?? bundles.store;
  // Not durable: /etc is made anew at every boot.
  await writeWhole(path, text, { durable: false });
  return [told(summary)];
}

function storeText(bundles: TrustedStore, source: string, settings: PkiSettings) {
  const shipped = certificatesOf(source);
  if ("problem" in shipped) throw badSource(bundles, shipped.problem);
  const certificates = trustedCertificates(shipped.certificates, settings);
  const summary = `${certificates.length} certificates are trusted, of ${shipped.certificates.length} in the image and ${settings.trusted.length} in settings.pki`;
  return { text: bundleText(certificates), summary };
}

function badSource({ source }: TrustedStore, problem: string) {
  return trustFailure("trust/bad-source", { path: source, problem });
}

function told(text: string): Remark {
  return { level: "info", text };
}
