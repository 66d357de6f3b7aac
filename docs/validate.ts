/** The checks that a host makes of user data at its first boot, without a host. */
import { readUserData } from "../host/platform/user-data.ts";
import { parseJsonSource, problemText } from "../host/settings/index.ts";
import { parseTomlSource } from "../host/settings/toml-source.ts";
import type { VariantModel } from "./variants.ts";

export interface Verdict {
  readonly right: boolean;
  /** One line for each problem, or one that says how many settings are right. */
  readonly lines: readonly string[];
}

/**
 * Judges a document as a host of this variant would: TOML, plain or compressed, alone and together with the variant's
 * defaults and generators. JSON is judged by the same rules, as `apiclient apply` takes it.
 *
 * @param source  name of the document, for the messages
 */
export function judge(source: string, bytes: Uint8Array, { name, model }: VariantModel): Verdict {
  let isJson = false;
  const data = readUserData(bytes, model, (text) => {
    isJson = /^\s*\{/.test(text);
    return isJson ? parseJsonSource(text) : parseTomlSource(text);
  });
  switch (data.kind) {
    case "empty":
      return { right: true, lines: [`${source}: empty, sets nothing on ${name}`] };
    case "wrong": {
      const { length } = data.problems;
      const end = `${source}: ${counted(length, "problem")}; ${name} would use nothing of it`;
      return { right: false, lines: [...data.problems.map((one) => problemText(one, source)), end] };
    }
    case "settings": {
      const unused = data.ignored.map(
        (ignored) =>
          `${source}: the top-level name ${JSON.stringify(ignored)} is not "settings" and is not used`,
      );
      const { leafCount } = data;
      const are = leafCount === 1 ? "is" : "are";
      const form = isJson ? " (JSON: for apiclient apply; as user data a host takes TOML)" : "";
      return {
        right: true,
        lines: [...unused, `${source}: ${counted(leafCount, "setting")} ${are} right for ${name}${form}`],
      };
    }
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
