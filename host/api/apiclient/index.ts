/** The client side of the API, for people. */
export { readCommandLine } from "./command-line.ts";
export { complete } from "./complete.ts";
export { CommandFailed } from "./requests.ts";
export { type Client, runCommand, UsageMistake } from "./run.ts";
export { usage } from "./usage.ts";
