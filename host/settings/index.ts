/**
 * What other rooms may use of the settings model. Besides, who reads TOML takes `toml-source.ts`: few programs do, and its
 * parser costs each that loads it half a megabyte; who reads files that people write for the tool takes `table-reader.ts`,
 * which no host needs; and who reads documents that are no settings takes `json-source.ts` and `source.ts`, without the
 * groups.
 */
export { currentKeyText } from "./aliases.ts";
export { declarationAt, documentOf, settingsKey } from "./assignments.ts";
export { type Certificates, certificatesOf } from "./certificates.ts";
export type { Declaration, Group, Schema } from "./declaration.ts";
export { decodeBase64 } from "./encoded-types.ts";
export { groups } from "./groups/index.ts";
export { loadInstalledVariant } from "./installed-variant.ts";
export { canonicalIp } from "./ip-address.ts";
export { parseJsonSource } from "./json-source.ts";
export { isBootParameterName, isReservedBootParameter, reservedBootParameterReason } from "./kernel-types.ts";
export { type Key, keyFromSegments, keyText, parseKey } from "./keys.ts";
export { mergeLeaves } from "./merge-leaves.ts";
export { buildModel, type Model } from "./model.ts";
export { unknownName } from "./nearest.ts";
export { isHostname } from "./network-types.ts";
export { placeProblems } from "./place-problems.ts";
export { secretNames, secretText, secretTexts, withoutSecrets } from "./secrets.ts";
export {
  describeNode,
  isTable,
  type Json,
  type JsonTable,
  type Parsed,
  type Position,
  type Problem,
  problemText,
  type SourceEntry,
  type SourceNode,
  type SourceTable,
  settingsTable,
  sourceFromJson,
} from "./source.ts";
export type { AppliedCommit, AppliedFailure, Preview } from "./told-changes.ts";
export { type FileFormat, loadVariant, type Variant } from "./variant.ts";
