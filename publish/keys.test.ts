import { describe, expect, test } from "bun:test";
import { constants, createPublicKey, generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import { canonicalize } from "@tufjs/canonical-json";
import { Metadata, MetadataKind } from "@tufjs/models";
import fc from "fast-check";
import { generateKey, type KeyType, keyIdOf, keyTypes, signingKeyFromPem } from "./keys.ts";
import { checkMaySign, firstRoot, nextRoot } from "./root-role.ts";
import { metadataText } from "./sign.ts";

const NOW = 1_900_000_000_000_000_000n;
const pems = new Map(keyTypes.map((type) => [type, generateKey(type)]));
const key = (type: KeyType, file = `${type}.pem`) => signingKeyFromPem(file, pems.get(type) ?? "");
const fresh = (file: string) => signingKeyFromPem(file, generateKey("ed25519"));
const only = (root: ReturnType<typeof key>, publication = root) => ({
  root: [root],
  publication: [publication],
  rootThreshold: 1,
  publicationThreshold: 1,
});

describe("a key in the root role", () => {
  const shapes: [type: KeyType, shape: object][] = [
    [
      "rsa",
      {
        keytype: "rsa",
        scheme: "rsassa-pss-sha256",
        keyval: { public: expect.stringMatching(/^-----BEGIN PUBLIC KEY-----\n/) },
      },
    ],
    [
      "ed25519",
      { keytype: "ed25519", scheme: "ed25519", keyval: { public: expect.stringMatching(/^[0-9a-f]{64}$/) } },
    ],
    [
      "ecdsa",
      {
        keytype: "ecdsa-sha2-nistp256",
        scheme: "ecdsa-sha2-nistp256",
        keyval: { public: expect.stringMatching(/^-----BEGIN PUBLIC KEY-----\n/) },
      },
    ],
  ];
  for (const [type, shape] of shapes) {
    test(`${type} has the type and scheme of section 12.1, under the SHA-256 of its canonical JSON`, () => {
      const written = key(type).public.toJSON();
      expect<unknown>(written).toEqual(shape);
      expect(key(type).public.keyID).toBe(keyIdOf(written));
      // The canonical JSON of these three names needs no knowledge of the rules: sorted, and no escape but that of none.
      const { keytype, keyval, scheme } = written as {
        keytype: string;
        keyval: { public: string };
        scheme: string;
      };
      const text = `{"keytype":"${keytype}","keyval":{"public":"${keyval.public}"},"scheme":"${scheme}"}`;
      expect(new Bun.CryptoHasher("sha256").update(text).digest("hex")).toBe(key(type).public.keyID);
    });
    test(`${type} signs what the library verifies, and one changed byte is noticed`, () => {
      const root = firstRoot(only(key(type)), NOW);
      const read = Metadata.fromJSON(MetadataKind.Root, JSON.parse(metadataText(root)));
      read.verifyDelegate("root", read);
      const changed = JSON.parse(metadataText(root).replace('"version": 1', '"version": 2'));
      const foreign = Metadata.fromJSON(MetadataKind.Root, changed);
      expect(() => foreign.verifyDelegate("root", foreign)).toThrow("root was signed by 0/1 keys");
    });
  }
  test("RSA signs with a salt as long as the hash: clients of the reference take no other", () => {
    const data = Buffer.from("data");
    const signature = Buffer.from(key("rsa").sign(data).sig, "hex");
    const publicKey = createPublicKey(pems.get("rsa") ?? "");
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    expect(verify("sha256", data, { key: publicKey, padding, saltLength: 32 }, signature)).toBe(true);
  });
  test("canonical JSON is the same whatever the order of names", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())), (table) => {
        const reversed = Object.fromEntries(Object.entries(table).reverse());
        expect(canonicalize(reversed)).toBe(canonicalize(table));
      }),
    );
  });
});

describe("a file with a key", () => {
  const pem = (pair: { readonly privateKey: KeyObject }, type: "pkcs1" | "sec1" | "pkcs8") =>
    pair.privateKey.export({ type, format: "pem" }).toString();
  test("may have the older forms of RSA and EC", () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
    expect(signingKeyFromPem("k", pem(rsa, "pkcs1")).public.scheme).toBe("rsassa-pss-sha256");
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
    expect(signingKeyFromPem("k", pem(ec, "sec1")).public.scheme).toBe("ecdsa-sha2-nistp256");
  });
  const refused: [what: string, pem: string, problem: string][] = [
    [
      "RSA of 1024 bits",
      pem(generateKeyPairSync("rsa", { modulusLength: 1024 }), "pkcs8"),
      "it is RSA of 1024 bits",
    ],
    [
      "another curve",
      pem(generateKeyPairSync("ec", { namedCurve: "P-384" }), "pkcs8"),
      "it is on the curve secp384r1",
    ],
    ["another type", pem(generateKeyPairSync("x25519"), "pkcs8"), "its type is x25519"],
    [
      "a password",
      generateKeyPairSync("ed25519")
        .privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" })
        .toString(),
      "it needs a password",
    ],
    ["something else", "hello", "it is no private key as PEM"],
  ];
  for (const [what, text, problem] of refused) {
    test(`is refused for ${what}`, () => {
      expect(() => signingKeyFromPem("k.pem", text)).toThrow(`The key k.pem cannot be used: ${problem}`);
    });
  }
});

describe("the root role", () => {
  const [first, second] = [fresh("first.pem"), fresh("second.pem")];
  test("is version 1, for 52 weeks, with one key in all four roles and thresholds of 1", () => {
    const { version, expires, roles, consistentSnapshot } = firstRoot(only(first), NOW).signed;
    expect({ version, expires, consistentSnapshot }).toEqual({
      version: 1,
      expires: "2031-03-16T17:46:40Z",
      consistentSnapshot: true,
    });
    expect(Object.keys(roles).sort()).toEqual(["root", "snapshot", "targets", "timestamp"]);
    for (const { keyIDs, threshold } of Object.values(roles)) {
      expect({ keyIDs, threshold }).toEqual({ keyIDs: [first.public.keyID], threshold: 1 });
    }
  });
  test("in its next version is signed by the old and the new root key", () => {
    const present = firstRoot(only(first), NOW);
    const next = nextRoot(present, [first], only(second, second), NOW);
    expect(next.signed.version).toBe(2);
    present.verifyDelegate("root", next);
    next.verifyDelegate("root", next);
  });
  test("does not follow one whose key is not given", () => {
    const present = firstRoot(only(first), NOW);
    expect(() => nextRoot(present, [second], only(second), NOW)).toThrow(
      `The root key second.pem (${second.public.keyID}) is not one of the present root role, ${first.public.keyID}`,
    );
  });
  test("keeps a threshold that one key cannot reach", () => {
    const data = firstRoot(only(first), NOW).toJSON() as {
      signed: { roles: { root: { threshold: number } } };
    };
    data.signed.roles.root.threshold = 2;
    const present = Metadata.fromJSON(MetadataKind.Root, JSON.parse(JSON.stringify(data)));
    expect(() => nextRoot(present, [first], only(first), NOW)).toThrow(
      "the threshold of root in the present root role is 2, but there are 1 keys to sign with",
    );
    expect(() => firstRoot({ ...only(first), rootThreshold: 2 }, NOW)).toThrow(
      "root_key_threshold is 2, but there are 1 keys to sign with",
    );
  });
  test("says which key may not sign which role", () => {
    expect(() => checkMaySign(firstRoot(only(first), NOW), second)).toThrow(
      `The key second.pem (${second.public.keyID}) may not sign snapshot; the root role names ${first.public.keyID}`,
    );
  });
});
