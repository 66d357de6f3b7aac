/** The dispatcher of update commands: what other rooms may use. */
export { exitCodes as updateExitCodes } from "./commands.ts";
export { answerLine, dispatch, workVariable } from "./dispatch.ts";
export type { UpdateProgress } from "./progress.ts";
export {
  type CommandName,
  type CommandResult,
  commandNames,
  type Image,
  type UpdateStatus,
} from "./status.ts";
export { type UpdateRequest, work } from "./work.ts";
