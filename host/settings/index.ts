/** What other rooms may use of the settings model. */
export { documentOf, settingsKey } from "./assignments.ts";
export type { Checked } from "./check.ts";
export type {
  BootSettings,
  DnsSettings,
  KernelSettings,
  NetworkSettings,
  NtpSettings,
  UpdatesSettings,
} from "./groups/index.ts";
export { loadInstalledVariant } from "./installed-variant.ts";
export { canonicalIp } from "./ip-address.ts";
export { parseJsonSource } from "./json-source.ts";
export { type Key, keyFromSegments, type ParsedKey, parseKey } from "./keys.ts";
export { buildModel, type Model } from "./model.ts";
export {
  describeNode,
  type Json,
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
export { parseTomlSource } from "./toml-source.ts";
export { type ConfigurationFile, loadVariant, type Service, type Variant } from "./variant.ts";
