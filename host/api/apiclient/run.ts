/** What each subcommand of apiclient does once its command line is understood (api.md 8). */
import {
  documentOf,
  isTable,
  type Json,
  type Model,
  type Problem,
  parseJsonSource,
  problemText,
  type SourceNode,
  type SourceTable,
  settingsTable,
} from "../../settings/index.ts";
import { sortedDeep } from "../sorted.ts";
import { type Change, change, checkChange, notAccepted } from "./change.ts";
import type { Manner } from "./change-options.ts";
import type { Command } from "./command-line.ts";
import { completionScript } from "./completion-scripts.ts";
import { showDiagnosis } from "./doctor.ts";
import { printLogs } from "./logs.ts";
import { anyAnswer, CommandFailed, isSuccess, request, type Server } from "./requests.ts";
import { type CheckedDocument, checkRules } from "./rules.ts";
import { mergeTables, type Setting } from "./set-words.ts";
import { fetchSources, parseSource, sourceName } from "./sources.ts";
import { showStatus } from "./status.ts";
import { endTrial } from "./trial.ts";
import { unset } from "./unset.ts";
import { update } from "./update.ts";

/** What a command may use. */
export interface Client {
  readonly server: Server;
  /** The model of the variant this program was built for; read only when settings are to be checked. */
  model(): Promise<Model>;
  /** Whether a person sees what is said on stderr. */
  readonly isTerminal: boolean;
  print(text: string): void;
  /** Prints, once what was printed before has been taken. @returns false if whoever reads it has gone away */
  write(bytes: Uint8Array): Promise<boolean>;
  /** Plain lines for people, beside the result. */
  tell(text: string): void;
  info(text: string): void;
  warn(text: string): void;
}

/** A mistake on the command line that shows only when its content is read. Ends the program with exit code 2. */
export class UsageMistake extends Error {}

/**
 * Carries out a command.
 *
 * @throws CommandFailed (exit code 1) or UsageMistake (exit code 2)
 */
export async function runCommand(command: Exclude<Command, { kind: "exec" }>, client: Client): Promise<void> {
  switch (command.kind) {
    case "raw":
      return raw(command, client);
    case "get-uri":
      return client.print(pretty(await getJson(client.server, command.uri)));
    case "get":
      return get(command.prefixes, client);
    case "set":
      return set(command.settings, command.manner, client);
    case "set-json":
      return setJson(command.json, command.manner, client);
    case "unset":
      return unset(command.keys, command.manner, client);
    case "apply":
      return apply(command.sources, command.manner, client);
    case "confirm":
    case "revert":
      return endTrial(client.server, command.kind);
    case "logs":
      return printLogs(command.uri, client);
    case "status":
      return showStatus(command.output, client);
    case "doctor":
      return showDiagnosis(command.output, client);
    case "update-check":
    case "update-apply":
    case "update-cancel":
    case "update-status":
      return update(command, client);
    case "completion":
      return client.print(completionScript(command.shell));
    case "reboot":
      await request(client.server, "reboot", "POST", "/actions/reboot");
      return client.info("Rebooting");
  }
}

async function raw(command: Extract<Command, { kind: "raw" }>, client: Client): Promise<void> {
  const { method, uri, data } = command;
  const answer = await anyAnswer(client.server, "make the request", method, uri, data);
  const { status, body } = answer;
  if (!isSuccess(answer)) {
    // Programs look for the code behind the word "Status" (specification "updates" 10).
    const text = body === "" ? "" : `: ${body}`;
    throw new CommandFailed(`Cannot make the request: Status ${status} when ${method}ing ${uri}${text}`);
  }
  if (body !== "") client.print(`${body}\n`);
}

async function get(prefixes: readonly string[], client: Client): Promise<void> {
  let merged: Json = {};
  for (const prefix of prefixes) {
    merged = mergeJson(merged, await getJson(client.server, `/?prefix=${encodeURIComponent(prefix)}`));
  }
  client.print(pretty(merged));
}

async function getJson(server: Server, uri: string): Promise<Json> {
  const body = await request(server, "read", "GET", uri);
  try {
    return JSON.parse(body) as Json;
  } catch (error) {
    throw new CommandFailed(`Cannot read: GET ${uri} was answered with something that is not JSON`, {
      cause: error,
    });
  }
}

/** Objects are merged; of anything else the later one counts. */
function mergeJson(first: Json, second: Json): Json {
  if (!isTable(first) || !isTable(second)) return second;
  const merged = new Map(Object.entries(first));
  for (const [name, value] of Object.entries(second)) {
    const before = merged.get(name);
    merged.set(name, before === undefined ? value : mergeJson(before, value));
  }
  return Object.fromEntries(merged);
}

const pretty = (value: Json): string => `${JSON.stringify(sortedDeep(value), undefined, 2)}\n`;

const ADVICE =
  "\nIf a value of the right type does not fit into KEY=VALUE, give it as JSON: apiclient set --json '{\"settings\": …}'";

async function set(settings: readonly Setting[], manner: Manner, client: Client): Promise<void> {
  const model = await client.model();
  const problems: Problem[] = [];
  const values: { key: Setting["key"]; value: SourceNode }[] = [];
  for (const { key, text } of settings) {
    const value = model.convertText(key.text, text);
    if ("problem" in value) problems.push(value);
    else values.push({ key, value });
  }
  const document = documentOf(values);
  if (!document.ok) problems.push(...document.problems);
  if (!document.ok || problems.length > 0) throw notAccepted(problems, undefined, ADVICE);
  const checked = checkChange(model, undefined, document.node, ADVICE);
  await change(client, model, "apiclient-set", manner, [checked]);
}

async function setJson(json: string, manner: Manner, client: Client): Promise<void> {
  const parsed = parseJsonSource(json);
  if (!parsed.ok) {
    throw new UsageMistake(
      `--json is not JSON: ${parsed.problems.map((problem) => problemText(problem)).join("; ")}`,
    );
  }
  const model = await client.model();
  const table = unwrapSettings(parsed.node);
  await change(client, model, "apiclient-set", manner, [checkChange(model, "--json", table)]);
}

/** An outer `settings` layer is optional; its members go over those beside it (api.md 8.4). */
function unwrapSettings(node: SourceNode): SourceTable {
  if (node.kind !== "table") throw new UsageMistake("--json must be a JSON object that holds settings");
  const settings = node.entries.find((entry) => entry.name === "settings");
  if (settings === undefined) return node;
  if (settings.value.kind !== "table")
    throw new UsageMistake("--json has a `settings` that is not an object");
  const beside = { ...node, entries: node.entries.filter((entry) => entry !== settings) };
  return mergeTables(beside, settings.value);
}

async function apply(sources: readonly string[], manner: Manner, client: Client): Promise<void> {
  const texts = await fetchSources(sources);
  const model = await client.model();
  const documents: CheckedDocument[] = [];
  const changes: Change[] = sources.map((source, at) => {
    const settings = settingsTable(parseSource(source, texts[at] ?? ""));
    if (!settings.ok) throw notAccepted(settings.problems, sourceName(source));
    if (settings.ignored.length > 0) {
      client.warn(
        `${sourceName(source)}: only \`settings\` is used; ignored: ${settings.ignored.join(", ")}`,
      );
    }
    const checked = checkChange(model, sourceName(source), settings.node);
    documents.push({ ...checked, node: settings.node });
    return checked;
  });
  await checkRules(client.server, model, documents);
  await change(client, model, "apiclient-apply", manner, changes);
}
