/** The applier: settings into files, and services restarted. */
export { type ApplyHost, type ApplyRequest, applySettings } from "./apply.ts";
export { parseChangedKeys } from "./changed-keys.ts";
export { thisHost } from "./host.ts";
export { type CallApi, fetchModel, fetchTemplateOf, getObject } from "./model.ts";
export { parseValueTemplate } from "./template.ts";
