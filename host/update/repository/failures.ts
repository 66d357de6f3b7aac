/** What can be wrong with a repository, its servers and its cached copy. */
import { failuresOf } from "../../linux/failure.ts";

/** A role's file, where it was found, and what is wrong with it. */
interface BadRole {
  readonly role: string;
  readonly url: string;
  readonly problem: string;
}

interface RepositoryFailures {
  "repository/not-found": { url: string };
  "repository/not-fetched": { url: string; reason: string };
  "repository/too-long": { url: string; limit: number };
  "repository/too-slow": { url: string; reason: string };
  "repository/no-root": { path: string };
  "repository/malformed": BadRole;
  "repository/unsigned": BadRole;
  "repository/rollback": BadRole;
  "repository/mixed": BadRole;
  "repository/expired": { role: string; url: string; expires: string; now: string };
  "repository/no-target": { name: string };
  "repository/bad-target-name": { name: string };
  "repository/bad-target": { name: string; url: string; problem: string };
  "repository/target-too-big": { name: string; bytes: number; limit: number };
  "repository/no-space": { path: string; neededMiB: number; freeMiB: number };
}

const publisher = "Whoever publishes there has to correct it; until then this host takes no update from it";

export const fail = failuresOf<RepositoryFailures>({
  "repository/not-found": {
    says: (f) => `There is nothing at ${f.url}`,
    hint: "Check settings.updates.metadata-base-url and targets-base-url",
  },
  "repository/not-fetched": {
    says: (f) => `${f.url} cannot be fetched: ${f.reason}`,
    hint: "Check settings.updates, settings.network.https-proxy and the network between",
  },
  "repository/too-long": {
    says: (f) => `${f.url} is too long: more than the ${f.limit} bytes that it may have`,
    hint: publisher,
  },
  "repository/too-slow": {
    says: (f) => `${f.url} comes too slowly: ${f.reason}`,
    hint: "Try again later, or from another mirror (settings.updates)",
  },
  "repository/no-root": {
    says: (f) => `There is no root role that could be trusted at ${f.path}`,
    hint: "It is part of every image that is built for a repository: build with one",
  },
  "repository/malformed": {
    says: (f) => `The ${f.role} role at ${f.url} cannot be read: ${f.problem}`,
    hint: publisher,
  },
  "repository/unsigned": {
    says: (f) => `The ${f.role} role at ${f.url} is not signed as it has to be: ${f.problem}`,
    hint: "It was changed, or belongs to another repository than the one this image trusts",
  },
  "repository/rollback": {
    says: (f) => `The ${f.role} role at ${f.url} is a rollback: ${f.problem}`,
    hint: "This host has seen newer metadata there: the server shows it an old copy",
  },
  "repository/mixed": {
    says: (f) => `The ${f.role} role at ${f.url} is not the one that was announced: ${f.problem}`,
    hint: "The files there belong to different states of the repository, or one was changed: try again later",
  },
  "repository/expired": {
    says: (f) => `The ${f.role} role at ${f.url} has expired at ${f.expires}, and it is ${f.now} now`,
    hint: "The server shows an old copy, its publisher has not refreshed it, or the clock of this host is wrong",
  },
  "repository/no-target": {
    says: (f) => `The repository has no target ${JSON.stringify(f.name)}`,
    hint: publisher,
  },
  "repository/bad-target-name": {
    says: (f) => `The target name ${JSON.stringify(f.name)} is not the name of a file`,
    hint: publisher,
  },
  "repository/bad-target": {
    says: (f) => `The target ${f.name} at ${f.url} is not what was signed: ${f.problem}`,
    hint: "It was changed or cut short on its way or on its server: try again later",
  },
  "repository/target-too-big": {
    says: (f) => `The target ${f.name} has ${f.bytes} bytes, but may have no more than ${f.limit}`,
    hint: publisher,
  },
  "repository/no-space": {
    says: (f) => `${f.path} has ${f.freeMiB} MiB free, but ${f.neededMiB} MiB are needed`,
    hint: "Remove what fills the data partition, such as images of containers that are not used; nothing was changed",
  },
});
