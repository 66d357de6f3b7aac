/** A certificate for names of other people's hosts, by an authority that only the test's host trusts. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Sdk } from "../../../sdk/index.ts";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** PEM text of the authority. */
  readonly authority: string;
  /** `cert.pem` and `key.pem`, for programs that read files. */
  readonly directory: string;
}

export async function makeCertificate(
  sdk: Sdk,
  directory: string,
  names: readonly string[],
): Promise<Certificate> {
  const alternatives = names.map((name) => `DNS:${name}`).join();
  await writeFile(join(directory, "names"), `subjectAltName=${alternatives}\n`);
  const openssl = (command: string) =>
    sdk.run(["openssl", ...command.split(" ")], { writable: [directory], workdir: directory });
  const newKey = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
  await openssl(`req -x509 ${newKey} -days 2 -subj /CN=authority -keyout authority.key -out authority.pem`);
  await openssl(`req ${newKey} -subj /CN=host -keyout key.pem -out request.pem`);
  await openssl(
    "x509 -req -days 2 -in request.pem -CA authority.pem -CAkey authority.key -extfile names -out cert.pem",
  );
  const [cert, key, authority] = await Promise.all(
    ["cert.pem", "key.pem", "authority.pem"].map((name) => readFile(join(directory, name), "utf8")),
  );
  return { cert: cert ?? "", key: key ?? "", authority: authority ?? "", directory };
}
