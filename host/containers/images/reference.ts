/**
 * References to images, as containerd writes them: HOST[:PORT]/PATH[:TAG][@DIGEST]. Nothing is implied: no registry,
 * no `library/`, no `latest`.
 *
 * @source  specification "containers" 8.1
 */

export interface ImageReference {
  /** As it was given; the image's name in containerd. */
  readonly text: string;
  /** With the port, if it has one: `registry.example:5000`. */
  readonly host: string;
  /** Without the host: `team/agent`. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

const label = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
const host = `(?:${label}(?:\\.${label})*|\\[[0-9A-Fa-f:.]+\\])(?::[0-9]{1,5})?`;
const component = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const parts = new RegExp(
  `^(?<host>${host})/(?<repository>${component}(?:/${component})*)(?::(?<tag>\\w[\\w.-]{0,127}))?(?:@(?<digest>\\S+))?$`,
);
const digestForm = /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** Whether a text is the digest of content, in a form that containerd can check. */
export function isDigest(text: string): boolean {
  return digestForm.test(text);
}

/** @returns the reference, or what is wrong with the text and what is accepted */
export function parseReference(text: string): ImageReference | { readonly problem: string } {
  if (text.includes("://"))
    return { problem: "it has a scheme; a reference begins with the registry's host" };
  if (!text.includes("/")) {
    return { problem: "it names no registry; images of Docker Hub are docker.io/library/NAME:TAG" };
  }
  const { host, repository, tag, digest } = parts.exec(text)?.groups ?? {};
  if (host === undefined || repository === undefined) {
    return { problem: "it is not HOST[:PORT]/PATH[:TAG][@DIGEST] with a path in lower case" };
  }
  if (digest !== undefined && !isDigest(digest)) {
    return { problem: "its digest is not sha256: or sha512: with as many hexadecimal digits as that has" };
  }
  if (tag === undefined && digest === undefined) {
    return { problem: "it has neither a tag nor a digest, and no tag is implied" };
  }
  return { text, host, repository, tag, digest };
}
