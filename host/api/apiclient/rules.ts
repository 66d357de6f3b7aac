/**
 * Rules between settings, asked before anything is sent: only here is known where in a document a setting stands. The
 * server asks them again when it commits, and its answer counts.
 */
import {
  type Json,
  type Model,
  type Problem,
  parseJsonSource,
  placeProblems,
  problemText,
  type SourceTable,
  settingsTable,
} from "../../settings/index.ts";
import { CommandFailed, request, type Server } from "./requests.ts";

/** A document whose settings fit the model, each by itself. */
export interface CheckedDocument {
  readonly source: string;
  readonly node: SourceTable;
  readonly leaves: ReadonlyMap<string, Json>;
}

/**
 * Asks whether documents, one after the other on top of what is live, keep the rules between settings.
 *
 * @throws CommandFailed with all rules that they would break, each at its place in the last document that touches it
 */
export async function checkRules(
  server: Server,
  model: Model,
  documents: readonly CheckedDocument[],
): Promise<void> {
  const changed = new Map(documents.flatMap(({ leaves }) => [...leaves]));
  const live = liveLeaves(model, await request(server, "read the settings", "GET", "/?prefix=settings."));
  const broken = model.newlyBrokenRules(live, changed);
  if (broken.length === 0) return;
  const lines = broken.map((problem) => `\n  ${textOf(problem, model, documents)}`).join("");
  throw new CommandFailed(`Nothing was changed, because of:${lines}`);
}

/** None if there are no settings yet, or if they are of another model: then it is for the server to say. */
function liveLeaves(model: Model, body: string): ReadonlyMap<string, Json> {
  const parsed = parseJsonSource(body);
  const settings = parsed.ok ? settingsTable(parsed.node) : undefined;
  const checked = settings?.ok === true ? model.checkSettings(settings.node) : undefined;
  return checked?.ok === true ? checked.leaves : new Map();
}

function textOf(problem: Problem, model: Model, documents: readonly CheckedDocument[]): string {
  const places = documents.flatMap(({ source, node }) => {
    const [found = problem] = placeProblems(model.declaration, node, [problem]);
    return found.at === undefined ? [] : [problemText(found, source)];
  });
  return places.at(-1) ?? problemText(problem);
}
