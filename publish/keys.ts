/**
 * Keys that sign metadata, in files (specification "updates" 12.1). Decides, but for the chance that new keys are made of.
 */
import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from "node:crypto";
import { canonicalize } from "@tufjs/canonical-json";
import { Key, Signature } from "@tufjs/models";
import { fail } from "./failures.ts";

export interface SigningKey {
  /** As people would name it. */
  readonly file: string;
  /** The public half, as the root role carries it. */
  readonly public: Key;
  sign(data: Uint8Array): Signature;
}

export const keyTypes = ["rsa", "ed25519", "ecdsa"] as const;
export type KeyType = (typeof keyTypes)[number];

const RSA_BITS = 3072; // as the reference's own keys in KMS

/** A new private key as PEM (PKCS #8). */
export function generateKey(type: KeyType): string {
  const { privateKey } = generated(type);
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function generated(type: KeyType): { readonly privateKey: KeyObject } {
  switch (type) {
    case "rsa":
      return generateKeyPairSync("rsa", { modulusLength: RSA_BITS });
    case "ed25519":
      return generateKeyPairSync("ed25519");
    case "ecdsa":
      return generateKeyPairSync("ec", { namedCurve: "P-256" });
  }
}

/**
 * The key in a PEM text: PKCS #8, or the older forms of RSA and EC.
 *
 * @throws publish/bad-key
 */
export function signingKeyFromPem(file: string, pem: string): SigningKey {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(pem);
  } catch (cause) {
    const problem = /ENCRYPTED/.test(pem) ? "it needs a password" : "it is no private key as PEM";
    throw fail("publish/bad-key", { file, problem }, { cause });
  }
  const publicKey = createPublicKey(privateKey);
  const { key, hash, options } = schemeOf(file, publicKey);
  const keyID = keyIdOf(key);
  return {
    file,
    public: Key.fromJSON(keyID, key),
    sign: (data) =>
      new Signature({ keyID, sig: sign(hash, data, { key: privateKey, ...options }).toString("hex") }),
  };
}

/** What a key is called in metadata: SHA-256 of its canonical JSON. */
export function keyIdOf(key: object): string {
  return createHash("sha256").update(canonicalize(key)).digest("hex");
}

/** The key as the root role writes it, and how it signs. */
function schemeOf(file: string, publicKey: KeyObject) {
  const spki = publicKey.export({ type: "spki", format: "pem" }).toString().trim();
  const { modulusLength = 0, namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  switch (publicKey.asymmetricKeyType) {
    case "rsa": {
      if (modulusLength < 2048 || modulusLength > 8192) {
        throw fail("publish/bad-key", { file, problem: `it is RSA of ${modulusLength} bits` });
      }
      const key = { keytype: "rsa", scheme: "rsassa-pss-sha256", keyval: { public: spki } };
      // Clients accept only salts as long as the hash; the runtime's default is the longest that fits.
      const options = {
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      };
      return { key, hash: "sha256", options };
    }
    case "ed25519": {
      const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("hex");
      return {
        key: { keytype: "ed25519", scheme: "ed25519", keyval: { public: raw } },
        hash: null,
        options: {},
      };
    }
    case "ec": {
      if (namedCurve !== "prime256v1")
        throw fail("publish/bad-key", { file, problem: `it is on the curve ${namedCurve}` });
      // The type has the scheme's name: clients of the reference do not know "ecdsa".
      const scheme = "ecdsa-sha2-nistp256";
      return { key: { keytype: scheme, scheme, keyval: { public: spki } }, hash: "sha256", options: {} };
    }
    default:
      throw fail("publish/bad-key", { file, problem: `its type is ${publicKey.asymmetricKeyType}` });
  }
}
