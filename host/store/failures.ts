/** Everything that can go wrong with the store. */
import { Failure, failuresOf } from "../linux/failure.ts";

interface StoreFailures {
  "store/bad-transaction-name": { name: string; reason: string };
  "store/disk-full": { path: string };
  "store/not-written": { path: string; reason: string };
  "store/not-synced": { path: string; changed: readonly string[] };
  "store/left-over": { path: string; reason: string };
  "store/not-read": { path: string; reason: string };
  "store/not-prepared": { base: string; reason: string };
  "store/missing": { path: string };
  "store/damaged": { path: string; reason: string };
  "store/links-lost": { base: string; directories: readonly string[] };
  "store/bad-version": { version: string };
}

export const fail = failuresOf<StoreFailures>({
  "store/bad-transaction-name": {
    says: (f) => `The transaction name ${JSON.stringify(f.name.slice(0, 80))} cannot be used: ${f.reason}`,
    hint: "Use a name of 1 to 80 letters and digits",
  },
  "store/disk-full": {
    says: (f) => `There is no space left to write ${f.path}; nothing was changed`,
    hint: "Free space in /var/lib/bottlerocket and repeat the request",
  },
  "store/not-written": {
    says: (f) => `${f.path} could not be written: ${f.reason}; nothing was changed`,
    hint: "Look for errors of the disk in the journal",
  },
  "store/not-synced": {
    says: (f) => `${f.path} was changed, but the disk did not confirm it; a power cut may undo the change`,
    hint: "Look for errors of the disk in the journal, and read the settings again after a reboot",
  },
  "store/left-over": {
    says: (f) => `${f.path} could not be cleared away: ${f.reason}`,
    hint: "Look for errors of the disk in the journal; settings can be read and changed meanwhile",
  },
  "store/not-read": {
    says: (f) => `${f.path} could not be read: ${f.reason}`,
    hint: "Look for errors of the disk in the journal",
  },
  "store/not-prepared": {
    says: (f) => `The data store in ${f.base} could not be made ready: ${f.reason}`,
    hint: "Look for errors of the disk in the journal, and whether it is mounted, writable and has space left",
  },
  "store/missing": {
    says: (f) => `There is no data store at ${f.path}`,
    hint: "Run storewolf first; on a host that is storewolf.service",
  },
  "store/damaged": {
    says: (f) => `${f.path} does not hold a document of the data store: ${f.reason}`,
    hint: "Restore the file from a copy, or remove the data store to start from user data and defaults",
  },
  "store/links-lost": {
    says: (f) =>
      `No link in ${f.base} leads to a data store, but these hold data: ${f.directories.join(", ")}`,
    hint: "Make the link of the installed version point to the right one, then start again",
  },
  "store/bad-version": {
    says: (f) => `${JSON.stringify(f.version)} is not a version of three numbers`,
    hint: "Correct VERSION_ID in the release file, or give --version X.Y.Z",
  },
});

/** The keys of a commit that has happened, though the disk did not confirm it; undefined for any other failure. */
export function keysNotSynced(thrown: unknown): readonly string[] | undefined {
  if (!(thrown instanceof Failure) || thrown.code !== "store/not-synced") return undefined;
  return (thrown.facts as StoreFailures["store/not-synced"]).changed;
}
