/** The pinned build environment: a Debian 13 root with every tool that images and virtual machines need. */
export { cacheDirectory, cached, exists, hashOf } from "./cache.ts";
export { ensureTools } from "./checks.ts";
export { ensureSdk, ensureTestTools } from "./ensure.ts";
export { failuresOf, ToolFailure } from "./failure.ts";
export { takeLock } from "./lock.ts";
export { type Progress, progressLines, silentProgress } from "./progress.ts";
export type { Sdk } from "./sdk.ts";
