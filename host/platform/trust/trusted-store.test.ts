import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { certificatesOf } from "../../settings/index.ts";
import { bundleText } from "./bundle.ts";
import { commonNames, country, organization, units } from "./testing.ts";
import { type TrustedStore, trustedStoreOf, updateTrustedStore } from "./trusted-store.ts";

const encoded = (pem: string) => Buffer.from(pem).toString("base64");

function bundle(pem: string): string {
  const found = certificatesOf(pem);
  return "problem" in found ? found.problem : bundleText(found.certificates);
}

const shipped = bundle(commonNames + units);
let root: string;
let bundles: TrustedStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pinwheel-trust-"));
  bundles = trustedStoreOf(root);
  for (const path of Object.values(bundles)) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, shipped);
  }
});
afterEach(() => rm(root, { recursive: true }));

const store = () => readFile(bundles.store, "utf8");
/** The store's file by its number: another one has been written if it is another. */
const inode = async () => (await stat(bundles.store)).ino;

describe("the trusted store", () => {
  it("is written from the source and the settings, readable for everybody", async () => {
    const pki = { company: { data: encoded(organization), trusted: true }, bad: { data: encoded(units) } };
    const remarks = await updateTrustedStore(bundles, pki);
    expect(await store()).toBe(bundle(commonNames + organization));
    expect((await stat(bundles.store)).mode & 0o777).toBe(0o644);
    expect(remarks).toEqual([
      { level: "info", text: "2 certificates are trusted, of 2 in the image and 1 in settings.pki" },
    ]);
    expect(await readdir(dirname(bundles.store))).toEqual(["ca-bundle.crt"]);
  });

  it("is the image's again when the settings are gone", async () => {
    await updateTrustedStore(bundles, { company: { data: encoded(organization), trusted: true } });
    await updateTrustedStore(bundles, undefined);
    expect(await store()).toBe(shipped);
  });

  it("is left alone when it is as it should be, so that nothing is read anew", async () => {
    const pki = { company: { data: encoded(organization), trusted: true } };
    await updateTrustedStore(bundles, pki);
    const before = await inode();
    await updateTrustedStore(bundles, pki);
    expect(await inode()).toBe(before);
  });

  it("is not even parsed where no certificates are set: a boot starts with a copy of the source", async () => {
    const unparsable = "no certificates at all";
    for (const path of Object.values(bundles)) await writeFile(path, unparsable);
    expect(await updateTrustedStore(bundles, { empty: { data: "" } })).toEqual([
      { level: "info", text: "the trusted certificates are those of the image" },
    ]);
  });

  it("is made where it is missing", async () => {
    await rm(bundles.store);
    await updateTrustedStore(bundles, undefined);
    expect(await store()).toBe(shipped);
  });

  it("may be a link: what it leads to is replaced", async () => {
    const real = join(root, "real.crt");
    await rename(bundles.store, real);
    await symlink(real, bundles.store);
    await updateTrustedStore(bundles, { company: { data: encoded(country), trusted: true } });
    expect(await readlink(bundles.store)).toBe(real);
    expect(await readFile(real, "utf8")).toBe(bundle(commonNames + units + country));
  });

  const failures: [what: string, source: string | undefined, pki: object, says: string][] = [
    [
      "rendered-config Check 42: settings that are no certificates",
      shipped,
      { a: { data: encoded("no PEM"), trusted: true }, b: { data: "?" }, c: { data: encoded(units) } },
      "The trusted certificates stay as they were: settings.pki.a.data: it contains no PEM block; settings.pki.b.data: it is not base64",
    ],
    ["a source that is missing", undefined, {}, "SOURCE: there is no such file"],
    [
      "a source that is broken",
      shipped.replace("MII", "AAA"),
      { c: { data: encoded(units) } },
      "SOURCE: PEM block 1 is not a certificate",
    ],
  ];
  for (const [what, source, pki, says] of failures) {
    it(`stays as it was with ${what}`, async () => {
      await writeFile(bundles.store, "as it was");
      if (source === undefined) await rm(bundles.source);
      else await writeFile(bundles.source, source);
      const expected = says.replace(
        "SOURCE",
        `The certificates that the image trusts cannot be read: ${bundles.source}`,
      );
      await expect(updateTrustedStore(bundles, pki)).rejects.toThrow(expected);
      expect(await store()).toBe("as it was");
    });
  }
});
