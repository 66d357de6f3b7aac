/** User data that the lab adds to: read as a host would, joined, written again. */
import { stringify } from "smol-toml";
import { readVariantModel } from "../docs/variants.ts";
import { readUserData } from "../host/platform/user-data.ts";
import { type Json, problemText } from "../host/settings/index.ts";
import { fail } from "./failures.ts";

export type Table = { readonly [name: string]: Json };

const NOTHING: Table = {};

/** What stands below `settings` in user data. @throws lab/user-data-wrong */
export async function settingsIn(userData: string | undefined, variant: string): Promise<Table> {
  const { model } = await readVariantModel(variant);
  const read = readUserData(Buffer.from(userData ?? ""), model);
  switch (read.kind) {
    case "empty":
      return NOTHING;
    case "wrong": {
      const problems = read.problems.map((problem) => problemText(problem, "user data"));
      throw fail("lab/user-data-wrong", { variant, problems });
    }
    case "settings":
      return read.settings;
  }
}

/** Settings as user data. */
export function userDataOf(settings: Table): string {
  return stringify({ settings });
}

/** Tables are joined, and of two values the first one's stays. */
export function joined(first: Table, second: Table): Table {
  const result: { [name: string]: Json } = { ...second, ...first };
  for (const [name, value] of Object.entries(second)) {
    const other = first[name];
    if (isTable(value) && isTable(other)) result[name] = joined(other, value);
  }
  return result;
}

/** The table of this name; an empty one when there is none. */
export function tableAt(table: Table, name: string): Table {
  const value = table[name];
  return isTable(value) ? value : NOTHING;
}

export function isTable(value: Json | undefined): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
