/** What other rooms may use of the store. */
export { transactionNameProblem } from "./documents.ts";
export { type OpenStore, openStore } from "./open-store.ts";
export { launchTransaction, type PreparedStore, prepareStore } from "./prepare-store.ts";
export { commit, discard, type Leaves, type Store, stage } from "./transactions.ts";
