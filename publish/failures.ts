/** Everything that can stop publishing, with what to do next. */
import { failuresOf } from "../sdk/index.ts";

interface PublishFailures {
  "publish/no-file": { what: string; file: string; reason: string };
  "publish/bad-file": { problems: readonly string[] };
  "publish/bad-option": { option: string; found: string; accepted: string };
  "publish/waves-out-of-order": { version: string; before: string; after: string };
  "publish/no-such-repo": { repo: string; file: string; known: readonly string[] };
  "publish/no-location": { repo: string; file: string; missing: readonly string[] };
  "publish/remote-key": { field: string; uri: string; needs: string };
  "publish/no-key": { file: string };
  "publish/bad-key": { file: string; problem: string };
  "publish/no-root": { file: string };
  "publish/bad-checksum": { what: string; expected: string; found: string };
  "publish/bad-threshold": { field: string; threshold: number; keys: number };
  "publish/key-not-in-role": { role: string; keyId: string; file: string; inRole: readonly string[] };
  "publish/root-key-replaced": { keyId: string; file: string; inRole: readonly string[] };
  "publish/root-chain-broken": { version: number; tried: readonly string[] };
  "publish/root-behind": { file: string; version: number; published: number };
  "publish/directory-exists": { directory: string };
  "publish/not-lz4": { file: string; found: string };
  "publish/bad-target-name": { name: string };
  "publish/target-differs": { name: string };
  "publish/already-published": { version: string; variant: string; arch: string };
  "publish/no-such-version": { version: string; variant: string; arch: string; known: readonly string[] };
  "publish/missing-targets": { names: readonly string[] };
  "publish/migration-gap": { from: string; to: string; end: string };
  "publish/interrupted": Record<never, never>;
  "publish/no-parts": { directory: string; missing: readonly string[] };
  "publish/not-found": { url: string };
  "publish/not-fetched": { url: string; reason: string };
  "publish/too-long": { url: string; limit: number };
  "publish/bad-metadata": { url: string; role: string; problem: string };
  "publish/expired": { role: string; url: string; expires: string };
  "publish/no-target": { name: string; url: string };
  "publish/bad-repository": { metadata: string; problems: readonly string[] };
}

export const fail = failuresOf<PublishFailures>({
  "publish/no-file": {
    says: (f) => `The ${f.what} ${f.file} cannot be read: ${f.reason}`,
    hint: "Check the name given on the command line or in Infra.toml",
  },
  "publish/bad-file": {
    says: (f) => f.problems.join("\n"),
    hint: "Correct the named places; publish/policies has examples of policies, the documentation one of Infra.toml",
  },
  "publish/bad-option": {
    says: (f) => `${f.option} is ${JSON.stringify(f.found)}; accepted: ${f.accepted}`,
    hint: "Add --help to the command for its options",
  },
  "publish/waves-out-of-order": {
    says: (f) => `The waves of ${f.version} do not follow each other: ${f.before}, then ${f.after}`,
    hint: "Later waves need higher percentages and later times: correct the policy; nothing was written",
  },
  "publish/no-such-repo": {
    says: (f) =>
      `${f.file} has no repository ${f.repo}; ${f.known.length === 0 ? "it has none" : `it has: ${f.known.join(", ")}`}`,
    hint: "Name one with --repo, or give the repository's address with --from",
  },
  "publish/no-location": {
    says: (f) => `${f.file}: repo.${f.repo} lacks ${f.missing.join(" and ")}`,
    hint: "Add them, or give the repository's address with --from: a directory or URL that has VARIANT/ARCH/ and targets/",
  },
  "publish/remote-key": {
    says: (f) =>
      `${f.field} is ${f.uri}: this version cannot sign with it, as it lacks ${f.needs}; only keys in files can be used`,
    hint: 'Use a key in a file: { file = { path = "keys/NAME.pem" } }, or sign with a tool that has access to AWS',
  },
  "publish/no-key": {
    says: (f) => `There is no signing key ${f.file}`,
    hint: "Make a new repository's key and root role with bin/pinwheel repo keys, or name the key in Infra.toml or with --key",
  },
  "publish/bad-key": {
    says: (f) => `The key ${f.file} cannot be used: ${f.problem}`,
    hint: "Accepted: a private key as PEM without a password; RSA of 2048 to 8192 bits, Ed25519, or ECDSA on P-256",
  },
  "publish/no-root": {
    says: (f) => `There is no root role ${f.file}`,
    hint: "If the repository is new, run bin/pinwheel repo keys; if not, restore its root role: hosts trust no other. To try something out, --repo development needs neither",
  },
  "publish/bad-checksum": {
    says: (f) => `${f.what} has the SHA-512 ${f.found}; expected is ${f.expected}`,
    hint: "Compare root_role_sha512 in Infra.toml with what the owner of the repository tells; trust neither before",
  },
  "publish/bad-threshold": {
    says: (f) => `${f.field} is ${f.threshold}, but there are ${f.keys} keys to sign with`,
    hint: "Lower the threshold to the number of keys",
  },
  "publish/key-not-in-role": {
    says: (f) =>
      `The key ${f.file} (${f.keyId}) may not sign ${f.role}; the root role names ${f.inRole.join(", ")}`,
    hint: "Use the key that the root role names, or put this one into it: bin/pinwheel repo rotate --new-signing-key FILE",
  },
  "publish/root-key-replaced": {
    says: (f) =>
      `The root key ${f.file} (${f.keyId}) is not one of the present root role, ${f.inRole.join(", ")}`,
    hint: "The next root role has to be signed by the present one's key too: give that with --root-key",
  },
  "publish/root-chain-broken": {
    says: (f) => `Version ${f.version} of the root role is needed and not found at ${f.tried.join(" or ")}`,
    hint: "Hosts come from one root role to the next: copy the file there from the published repository",
  },
  "publish/root-behind": {
    says: (f) =>
      `${f.file} is version ${f.version} of the root role, but the repository has version ${f.published}`,
    hint: "Take the repository's newest root.json into the place of this file",
  },
  "publish/directory-exists": {
    says: (f) => `${f.directory} exists already; what is published is never written over`,
    hint: "Choose another directory with --out; its targets/ may be there already",
  },
  "publish/not-lz4": {
    says: (f) => `${f.file} is no LZ4 frame: it begins with ${f.found}`,
    hint: "Hosts decompress what they fetch: pass the file that ends in .lz4, made by bin/pinwheel build or lz4",
  },
  "publish/bad-target-name": {
    says: (f) => `${JSON.stringify(f.name)} cannot name a target`,
    hint: "Use letters, digits and . _ - only, beginning with none of . and -",
  },
  "publish/target-differs": {
    says: (f) => `A target ${f.name} is published already, with other content`,
    hint: "Hosts may have fetched either: give the new file another name, or build with another version",
  },
  "publish/already-published": {
    says: (f) => `${f.version} of ${f.variant} for ${f.arch} is published already`,
    hint: "Raise the version in Release.toml; to change its waves use bin/pinwheel repo set-waves",
  },
  "publish/no-such-version": {
    says: (f) =>
      `${f.version} of ${f.variant} for ${f.arch} is not in the repository; it has: ${f.known.join(", ") || "none"}`,
    hint: "Name one of those",
  },
  "publish/missing-targets": {
    says: (f) => `The manifest names targets that are not there: ${f.names.join(", ")}`,
    hint: "Migrations come with the build's -migrations.tar or from the existing repository: correct Release.toml, or add them with --target",
  },
  "publish/migration-gap": {
    says: (f) => `Hosts with ${f.from} could not come to ${f.to}: no migration step leads on from ${f.end}`,
    hint: (f) => `Add "(${f.end}, ${f.to})" = [] to [migrations] in Release.toml, or the migrations it needs`,
  },
  "publish/interrupted": {
    says: () => "Interrupted; nothing was published",
    hint: "Run the command again: targets that were finished are not written anew",
  },
  "publish/no-parts": {
    says: (f) => `${f.directory} lacks ${f.missing.join(", ")}`,
    hint: "Build the variant first: bin/pinwheel build VARIANT; or name another directory with --images",
  },
  "publish/not-found": {
    says: (f) => `There is nothing at ${f.url}`,
    hint: "Check the repository's address; for a new repository leave it out",
  },
  "publish/not-fetched": {
    says: (f) => `${f.url} could not be fetched: ${f.reason}`,
    hint: "Check the network and the server, then run the command again",
  },
  "publish/too-long": {
    says: (f) => `${f.url} is longer than the ${f.limit} bytes that it may have`,
    hint: "What the server gives is not what was signed: compare it with what was published",
  },
  "publish/bad-metadata": {
    says: (f) => `${f.role} at ${f.url} cannot be trusted: ${f.problem}`,
    hint: "Clients refuse it too: compare it with what was published, and the root role with the one hosts have",
  },
  "publish/expired": {
    says: (f) => `${f.role} at ${f.url} expired at ${f.expires}`,
    hint: "Sign it anew: bin/pinwheel repo refresh --unsafe-refresh; for an expired root role bin/pinwheel repo rotate before that",
  },
  "publish/no-target": {
    says: (f) => `The repository ${f.url} has no target ${f.name}`,
    hint: "It was not made by this tool or the reference's; make a new one with bin/pinwheel repo build",
  },
  "publish/bad-repository": {
    says: (f) =>
      `The repository ${f.metadata} has ${f.problems.length === 1 ? "a problem" : `${f.problems.length} problems`}:\n${f.problems.join("\n")}`,
    hint: "Publish what is missing or damaged again, targets first",
  },
});
