/** The applier: settings into files, and services restarted. */
export { type ApplyHost, type ApplyRequest, type ApplyResult, applySettings } from "./apply.ts";
export { parseChangedKeys } from "./changed-keys.ts";
export { runtimeDirectory, thisHost } from "./host.ts";
export { type CallApi, fetchModel, fetchTemplateOf, getObject } from "./model.ts";
export { commandWords } from "./plan.ts";
export { parseValueTemplate } from "./template.ts";
