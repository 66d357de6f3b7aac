/** What can stop the settings on their way from one version to another. */
import { failuresOf } from "../../linux/failure.ts";

interface MigrationFailures {
  "migrations/bad": { name: string; problems: readonly string[] };
  "migrations/not-strings": { key: string };
  "migrations/not-a-string": { key: string };
  "migrations/failed": { name: string; direction: string };
  "migrations/refused-by-version": { version: string; problems: readonly string[] };
  "migrations/no-way-back": { problems: readonly string[] };
  "migrations/dangling": { path: string };
  "migrations/not-a-chain": { path: string; found: string };
  "migrations/no-space": { base: string; neededBytes: number; freeBytes: number };
}

export const fail = failuresOf<MigrationFailures>({
  "migrations/bad": {
    says: (f) => `The migration ${f.name} cannot be carried out:\n${f.problems.join("\n")}`,
    hint: "On a host: update to a version in between first, which may know more. Whoever wrote it corrects what is named",
  },
  "migrations/not-strings": {
    says: (f) => `${f.key} is to be compared with a list of strings, but holds something else`,
    hint: "Set it to a list of strings, or unset it, and update again",
  },
  "migrations/not-a-string": {
    says: (f) => `${f.key} is to be compared with what a template makes, but holds no string`,
    hint: "Set it to a string, or unset it, and update again",
  },
  "migrations/failed": {
    says: (f) => `The migration ${f.name} failed on its way ${f.direction}`,
    hint: "Nothing was changed: correct the setting that the cause names, and update again",
  },
  "migrations/refused-by-version": {
    says: (f) =>
      `Version ${f.version} would not take these settings after their migration:\n${f.problems.join("\n")}`,
    hint: "Nothing was changed. Start the version before, set or unset what is named, and update again",
  },
  "migrations/no-way-back": {
    says: (f) =>
      `The migrations to the new version and back would change these settings: ${f.problems.join(", ")}`,
    hint: "Unset them if they are not needed, or update to another version",
  },
  "migrations/dangling": {
    says: (f) => `${f.path} is a link that leads to no data store`,
    hint: "Make the links beside it lead to a store again, or remove them all to start from user data and defaults",
  },
  "migrations/not-a-chain": {
    says: (f) =>
      `${f.path} does not tell the version of the data store: three links such as current → v1 → v1.11 → v1.11.1 are expected, found ${f.found}`,
    hint: "Make the links again, from the version that the store is for",
  },
  "migrations/no-space": {
    says: (f) =>
      `The copy of the settings needs ${f.neededBytes} bytes in ${f.base}, and ${f.freeBytes} are free; nothing was changed`,
    hint: "Free space in /var/lib/bottlerocket, then restart the host or update again",
  },
});
