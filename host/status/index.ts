/** The status room: looking at the host as it runs, and saying what is wrong. Changes nothing. */
export { lookAtHost } from "./look.ts";
export { whatFailed } from "./what-failed.ts";
