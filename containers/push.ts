/**
 * Publishes an image layout to a registry over HTTP: every blob that it does not have, then the manifest.
 *
 * @source OCI distribution specification 1.1: "Pushing blobs", "Pushing manifests"
 */
import { readFile } from "node:fs/promises";
import { type BuiltContainerImage, blobPath } from "./build.ts";
import { fail } from "./failures.ts";
import { type Descriptor, type Digest, MEDIA_TYPES } from "./oci.ts";

export interface Pushed {
  /** Blobs that the registry had already. */
  readonly found: number;
  readonly sent: number;
}

/**
 * Pushes under the image's own name and version. The manifest goes last: a push that ends half-way has published
 * nothing, and the next one goes on where it ended.
 *
 * @param registry  its address with scheme: `http://127.0.0.1:5000`
 * @throws containers/registry-not-reached, containers/registry-refused
 */
export async function pushImage(image: BuiltContainerImage, registry: string): Promise<Pushed> {
  const base = new URL(`/v2/${image.repository}/`, registry);
  const manifest = await readFile(blobPath(image.layout, image.digest));
  // The layout is our own build's.
  const { config, layers } = JSON.parse(manifest.toString()) as {
    config: Descriptor;
    layers: readonly Descriptor[];
  };
  let sent = 0;
  const blobs = [...layers, config];
  for (const { digest } of blobs) {
    if (await hasBlob(base, digest)) continue;
    await sendBlob(base, image, digest);
    sent++;
  }
  const answer = await ask(new URL(`manifests/${image.version}`, base), {
    method: "PUT",
    headers: { "content-type": MEDIA_TYPES.manifest },
    body: manifest,
  });
  await expectStatus(answer, 201, `the manifest of ${image.repository}:${image.version}`, "PUT manifest");
  return { found: blobs.length - sent, sent };
}

async function hasBlob(base: URL, digest: Digest): Promise<boolean> {
  const answer = await ask(new URL(`blobs/${digest}`, base), { method: "HEAD" });
  if (answer.status === 404) return false;
  await expectStatus(answer, 200, digest, "HEAD blob");
  return true;
}

async function sendBlob(base: URL, image: BuiltContainerImage, digest: Digest): Promise<void> {
  const started = await ask(new URL("blobs/uploads/", base), { method: "POST" });
  await expectStatus(started, 202, digest, "POST upload");
  // Absolute or not, with a query or without: both are allowed.
  const place = new URL(started.headers.get("location") ?? "", base);
  place.searchParams.set("digest", digest);
  const answer = await ask(place, {
    method: "PUT",
    headers: { "content-type": "application/octet-stream" },
    body: Bun.file(blobPath(image.layout, digest)),
  });
  await expectStatus(answer, 201, digest, "PUT upload");
}

async function ask(url: URL, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw fail("containers/registry-not-reached", { registry: url.origin, reason }, { cause });
  }
}

async function expectStatus(answer: Response, status: number, what: string, request: string): Promise<void> {
  const body = await answer.text();
  if (answer.status !== status)
    throw fail("containers/registry-refused", {
      what,
      request,
      status: answer.status,
      says: body.slice(0, 500),
    });
}
