/** The API room: the server, and one request to it. The client for people is in apiclient/. */

// The boot's programs speak to the store only through the API, and this is a word of theirs.
export { launchTransaction } from "../store/index.ts";
export { notedVariable, reboot, startApplier } from "./applier.ts";
export { lastValue, scanArguments } from "./arguments.ts";
export { callApi } from "./client.ts";
export type { ApplyScope } from "./decision.ts";
export { requestVariable, startDispatcher } from "./dispatcher.ts";
export { printGenerated } from "./generate.ts";
export type * from "./host-status.ts";
export { printLook } from "./look.ts";
export { type Os, parseOsRelease, releaseFile } from "./os-release.ts";
export { printPreview } from "./preview.ts";
export { startServer } from "./server.ts";
export { sizeText } from "./size-text.ts";
export { socketIn } from "./socket.ts";
export type { LookInput } from "./status-routes.ts";
