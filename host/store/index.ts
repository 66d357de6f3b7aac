/** What other rooms may use of the store. */
export { launchTransaction, transactionNameProblem } from "./documents.ts";
export { keysNotSynced } from "./failures.ts";
export { type OpenStore, openStore } from "./open-store.ts";
export { prepareStore } from "./prepare-store.ts";
export { readLive } from "./read-store.ts";
export {
  type EndedTrial,
  secondsLeft,
  type Trial,
  type TrialEnd,
  type TrialStart,
  trialInBoot,
  trialKeys,
} from "./trial.ts";
