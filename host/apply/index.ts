/** The applier: settings into files, and services restarted. */
export type { ApplyHost, ApplyRequest, ApplyResult } from "./apply.ts";
export { parseChangedKeys, parsePreviewInput } from "./changed-keys.ts";
export { thisHost } from "./host.ts";
export { type CallApi, fetchModel, fetchTemplateOf, getObject } from "./model.ts";
export { unitOfTryRestart } from "./plan.ts";
export { parseValueTemplate } from "./template.ts";
export { noteToDo } from "./to-do.ts";
export { applySettings, applyToDo } from "./turn.ts";
