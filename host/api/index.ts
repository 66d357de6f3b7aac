/** The API room: the server, and one request to it. The client for people is in apiclient/. */
export { reboot, startApplier } from "./applier.ts";
export { lastValue, scanArguments } from "./arguments.ts";
export { callApi } from "./client.ts";
export { parseOsRelease } from "./os-release.ts";
export { startServer } from "./server.ts";
