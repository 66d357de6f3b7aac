/** What other rooms may use: collecting what people need who look for a fault of a host. */
export { collectLogs } from "./collect.ts";
export { requestsOf } from "./collections.ts";
export { knownSecrets } from "./known-secrets.ts";
