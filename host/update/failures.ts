/** What can stop an update, and work on the partition sets. */
import { failuresOf } from "../linux/failure.ts";

interface UpdateFailures {
  "partition-table/unreadable": { disk: string; primary: string; backup: string };
  "partition-table/no-place": { disk: string };
  "partition-sets/missing": { disk: string; type: string; found: number };
  "partition-sets/order": { disk: string; set: string };
  "partition-sets/no-device": { disk: string; number: number };
  "partition-sets/no-active": { disk: string; numbers: readonly number[] };
  "partition-sets/refused": { problem: string };
  "manifest/bad": { problems: readonly string[] };
  "migration-list/broken": { from: string; to: string; end: string; target: string };
  "migration-target/missing": { names: readonly string[] };
  "migration-target/bad": { name: string; reason: string };
  "updog/no-config": { file: string };
  "updog/bad-config": { file: string; problems: readonly string[] };
  "updog/refused": { version: string; reason: string };
}

export const fail = failuresOf<UpdateFailures>({
  "partition-table/unreadable": {
    says: (f) =>
      `Neither copy of the partition table on ${f.disk} can be used (primary: ${f.primary}; backup: ${f.backup})`,
    hint: "Boot from rescue media and compare both copies; nothing was written",
  },
  "partition-table/no-place": {
    says: (f) => `A copy of the partition table has no place on ${f.disk}`,
    hint: "Compare the disk's size with the table's; nothing was written",
  },
  "partition-sets/missing": {
    says: (f) =>
      `The partition table of ${f.disk} has ${f.found} partitions of type ${f.type}, but two are needed`,
    hint: "This is not the disk of a host with two sets; nothing was written",
  },
  "partition-sets/order": {
    says: (f) =>
      `On ${f.disk} the boot, root and hash partitions of set ${f.set} do not have consecutive numbers`,
    hint: "The kernel finds root and hash behind the boot partition: restore the numbers of the image",
  },
  "partition-sets/no-device": {
    says: (f) => `Partition ${f.number} of ${f.disk} has no device`,
    hint: "The kernel may still use an older table: reboot",
  },
  "partition-sets/no-active": {
    says: (f) => `The root stands on partition ${f.numbers.join(", ")} of ${f.disk}, which belongs to no set`,
    hint: "The root must be a verified root of set A or B; nothing was written",
  },
  "partition-sets/refused": {
    says: (f) => f.problem,
    hint: "See the flags with `signpost status`; nothing was written",
  },
  "manifest/bad": {
    says: (f) => `The manifest cannot be read:\n${f.problems.join("\n")}`,
    hint: "It comes from the update repository: whoever publishes there has to correct and sign it anew",
  },
  "migration-list/broken": {
    says: (f) =>
      `No migrations lead from ${f.from} to ${f.to}: the chain of the manifest ends at ${f.end}, and ${f.target} is to be reached`,
    hint: "Whoever publishes the repository has to add the missing step to [migrations] in Release.toml, if only an empty one",
  },
  "migration-target/missing": {
    says: (f) => `The manifest names migrations that are no targets of the repository: ${f.names.join(", ")}`,
    hint: "Whoever publishes the repository has to add them and sign anew",
  },
  "migration-target/bad": {
    says: (f) => `The migration ${f.name} cannot be decompressed: ${f.reason}`,
    hint: "Whoever publishes the repository has to publish it anew, as an LZ4 frame",
  },
  "updog/no-config": {
    says: (f) => `There is no ${f.file}`,
    hint: "It is written when the settings are applied; settings.updates has to be set",
  },
  "updog/bad-config": {
    says: (f) => `The configuration of updates cannot be used:\n${f.problems.join("\n")}`,
    hint: "Set settings.updates and settings.network right; the file is written from them",
  },
  "updog/refused": {
    says: (f) => `${f.version} is not taken, because this host has tried it: ${f.reason}`,
    hint: "To take it nevertheless: apiclient update apply --retry",
  },
});
