/** Updates: the partition table and the two sets, and the formats of a repository. What other rooms may use. */

export { activateUpdate, withdrawUpdate } from "./activate.ts";
export { readFailedTrial, refusedVersions } from "./attempts.ts";
export { type Choice, chooseUpdate, refusedFailure } from "./choose.ts";
export { diskUse } from "./disk-use.ts";
export { setToFallBackTo } from "./fall-back.ts";
export { giveUpTrial, judgeBoot } from "./health/judge-boot.ts";
export { unmetChecks } from "./health/unmet-checks.ts";
export {
  changeHostSets,
  type HostPlace,
  type HostSets,
  readHostSets,
  rewriteHostTable,
} from "./host-sets.ts";
export { type ImageName, writeImages } from "./install/write-images.ts";
export { type InstantNs, instantText, parseInstant } from "./instants.ts";
export {
  type Manifest,
  type MigrationStep,
  manifestText,
  parseManifest,
  parseMigrationKey,
  type Update,
  updateJson,
} from "./manifest.ts";
export { migrationLists } from "./migration-list.ts";
export { readMigrationTexts } from "./migration-targets.ts";
export { newPartitionTable, protectiveSector } from "./new-partition-table.ts";
export { nextSet, type SetName } from "./partition-sets.ts";
export { encodePartitionTable, readPartitionTable } from "./partition-table.ts";
export { partitionTypes } from "./partition-types.ts";
export { ProgressFile } from "./progress-file.ts";
export type { Running } from "./running.ts";
export { type TransitionName, transitions } from "./set-transitions.ts";
export { settleAttempt } from "./settle-attempt.ts";
export type { TargetSource } from "./target-source.ts";
export { compareVersions, parseVersion, type Version } from "./version.ts";
export { HIGHEST_BOUND, readyAt, SEEDS, type Waves, waveOutOfOrder } from "./waves.ts";
