/** What other rooms may use of the store. */
export { transactionNameProblem } from "./documents.ts";
export { type OpenStore, openStore } from "./open-store.ts";
export { launchTransaction, prepareStore } from "./prepare-store.ts";
