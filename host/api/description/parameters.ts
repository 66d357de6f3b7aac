/** The query parameters that endpoints share. */
import type { Schema } from "../../settings/index.ts";
import { LONGEST_SECONDS } from "../trial-routes.ts";

/** A parameter of the query. */
export interface Parameter {
  readonly description: string;
  readonly schema: Schema;
  readonly example: string | number | readonly string[];
}

const list: Schema = { type: "array", items: { type: "string", minLength: 1 }, minItems: 1 };

/** All parameters, by the names by which endpoints refer to them. */
export const parameters = {
  tx: {
    description: "The transaction; it is opened by the first setting that is stored in it.",
    schema: { type: "string", minLength: 1, default: "default" },
    example: "mine",
  },
  keys: {
    description: `Full dotted keys, \`settings.\` included, separated by commas. A part that contains a dot stands in
double quotes, which are percent-encoded as %22.`,
    schema: list,
    example: ["settings.motd", 'settings.kernel.sysctl."vm.swappiness"'],
  },
  names: {
    description: "Names of entries, separated by commas. Wins over `prefix`.",
    schema: list,
    example: ["ntp"],
  },
  prefix: {
    description: `The beginning of dotted keys, compared as text: \`settings.mo\` takes \`settings.motd\`. Quotes may be left
out, all of them or none. Where the endpoint shows one section only, the section's own name may be left out.`,
    schema: { type: "string", minLength: 1 },
    example: "settings.ntp",
  },
  try: {
    description:
      "Put the change on trial: it is put back after so many seconds, unless it is confirmed before.",
    schema: { type: "integer", minimum: 1, maximum: LONGEST_SECONDS },
    example: 120,
  },
  id: {
    description:
      "The id of one commit, from the header `Pinwheel-Commit` of the reply that started applying it.",
    schema: { type: "string", minLength: 1 },
    example: "0190c2a5",
  },
  unit: {
    description: "The name of a unit, with or without `.service`, or of a host or bootstrap container.",
    schema: { type: "string", minLength: 1, maxLength: 255 },
    example: "chronyd",
  },
  follow: {
    description: "Whether the answer goes on with what is yet to come, until the client hangs up.",
    schema: { type: "boolean", default: false },
    example: "true",
  },
  since: {
    description: "The first time, as RFC 3339 or as how long ago it is: 90s, 10m, 1h30m, 2d.",
    schema: { type: "string", minLength: 1 },
    example: "10m",
  },
  lines: {
    description: "The most lines of what is there already; without it 200, or all where `since` is given.",
    schema: { type: "string", pattern: "^([0-9]{1,7}|all)$" },
    example: "50",
  },
  retry: {
    description: "Whether to take a version that did not come up well on this host before.",
    schema: { type: "boolean", default: false },
    example: "true",
  },
} satisfies Readonly<Record<string, Parameter>>;

export type ParameterName = keyof typeof parameters;
