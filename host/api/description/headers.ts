/** The headers of replies that are our own. */
import type { Schema } from "../../settings/index.ts";
import { commandHeader, commitHeader, remarkHeader } from "../reply.ts";

/** A header of a reply. */
export interface Header {
  readonly description: string;
  readonly schema: Schema;
  readonly example: string;
}

/** All headers, by the names by which replies refer to them. */
export const headers = {
  "Pinwheel-Error": {
    description: "The kind of failure, where it is one that was foreseen.",
    schema: { type: "string", pattern: "^[a-z-]+/[a-z-]+$" },
    example: "store/disk-full",
  },
  [remarkHeader]: {
    description: "What people should know besides.",
    schema: { type: "string", minLength: 1 },
    example: "No value was generated for settings.updates.seed",
  },
  [commitHeader]: {
    description: "The id under which GET /tx/applied tells what became of it.",
    schema: { type: "string", minLength: 1 },
    example: "0190c2a5",
  },
  [commandHeader]: {
    description: "The id under which GET /updates/progress tells how the command goes on and how it ended.",
    schema: { type: "string", minLength: 1 },
    example: "0190c2a5",
  },
} satisfies Readonly<Record<string, Header>>;

export type HeaderName = keyof typeof headers;
