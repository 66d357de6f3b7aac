/**
 * `apiclient complete`, which the scripts of shells call and people need not know:
 *
 *   complete line LINE CURRENT   the line up to the cursor, and the part of it that the shell replaces
 *   complete words WORD...       words behind the program's name, without quotes, the last one being typed
 *
 * Prints a candidate a line, or ":files". Whatever goes wrong, nothing is printed: a message would stand in the middle
 * of somebody's command line.
 */
import { buildModel, loadInstalledVariant } from "../../settings/index.ts";
import { callApi } from "../client.ts";
import { type Completion, completeWords, type Known } from "./completion.ts";
import { readShellLine, shellReplies } from "./completion-line.ts";

const WAIT_MS = 1000; // somebody has pressed TAB and sees nothing before the answer

/** @returns the lines to print */
export async function complete(args: readonly string[]): Promise<readonly string[]> {
  const [form, ...rest] = args;
  if (form === "words") return lines(await completeWords(rest, knownTo(rest)));
  if (form !== "line") return [];
  const [text = "", current = ""] = rest;
  const line = readShellLine(text);
  const completion = await completeWords(line.words, knownTo(line.words));
  return completion === "files" ? lines(completion) : shellReplies(completion, line, current);
}

function lines(completion: Completion): readonly string[] {
  return completion === "files" ? [":files"] : completion;
}

function knownTo(words: readonly string[]): Known {
  return {
    async settings() {
      try {
        return buildModel(await loadInstalledVariant()).declaration;
      } catch {
        // Failure "settings/no-variant-data" in a container without the description: then no keys are offered.
        return undefined;
      }
    },
    async namesAt(segments) {
      const asked = liveNames(socketOf(words), segments).catch(() => []);
      return Promise.race([asked, Bun.sleep(WAIT_MS).then(() => [])]);
    },
  };
}

function socketOf(words: readonly string[]): string {
  const at = words.findLastIndex(
    (word, index) => /^(-s|--socket-path)$/.test(word) && index < words.length - 2,
  );
  return at === -1 ? "/run/api.sock" : (words[at + 1] ?? "");
}

/** @throws when the API does not answer, or with something else than JSON */
async function liveNames(socketPath: string, segments: readonly string[]): Promise<readonly string[]> {
  const { status, body } = await callApi(socketPath, "GET", "/settings");
  let value: unknown = status === 200 ? JSON.parse(body) : undefined;
  for (const name of segments) {
    value = isTable(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return isTable(value) ? Object.keys(value) : [];
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
