/** The API room: the server, and one request to it. The client for people is in apiclient/. */
export { reboot, startApplier } from "./applier.ts";
export { lastValue, scanArguments } from "./arguments.ts";
export { type Answer, callApi, Unreachable } from "./client.ts";
export { type Os, parseOsRelease } from "./os-release.ts";
export { type ServerOptions, startServer } from "./server.ts";
