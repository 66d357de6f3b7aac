/** Reading and changing settings (api.md 6.3, 6.4). */
import { ACCEPTED_BYTES } from "../body.ts";
import type { EndpointName } from "../routes.ts";
import { answers, type Endpoint, fails, nothing, says, withHeader } from "./endpoint.ts";
import { anyObject } from "./schemas.ts";

export const settings = {
  "GET /settings": {
    summary: "The live settings",
    description: `With \`keys\` those that are named, skipping what is not set; else with \`prefix\` those whose keys begin
with it; else all. What is pending in a transaction does not show.`,
    parameters: ["keys", "prefix"],
    replies: {
      200: answers("Settings", "The settings that were asked for and are set; none are `{}`"),
      400: says(
        "A parameter is empty or malformed, or a key is a group, below a value, or of another section",
      ),
      404: says("No settings are set at all: the first commit has not happened"),
    },
  },
  "PATCH /settings": {
    summary: "Store settings in a transaction",
    description: `The content type must be \`application/json\` or end in \`+json\`. All of the body is checked before anything is
stored, and every problem is told with its key, line and column. Nothing is live before the transaction is committed. A
body without any value stores nothing and opens no transaction.`,
    parameters: ["tx"],
    body: "Settings",
    replies: {
      204: nothing("Stored"),
      400: says(
        "The parameter or the content type is wrong, or the body is not JSON or not accepted; nothing is stored",
      ),
      413: says(`The body is larger than ${ACCEPTED_BYTES} bytes`),
      500: fails("The data store cannot be written; nothing is stored"),
      503: says("The bodies that are on their way already leave no room for this one; send it again later"),
    },
  },
  "DELETE /settings": {
    summary: "Store in a transaction that settings go back to their default or generated value, or away",
    description: `All that is set at or below the keys. Nothing is live before the transaction is committed. Where a value cannot
be generated now, the setting is removed, and generated at the next boot.`,
    parameters: ["tx"],
    required: ["keys"],
    replies: {
      200: withHeader(
        "Pinwheel-Remark",
        answers("Keys", "What is stored in the transaction because of it; `[]` if all is as it would be"),
      ),
      400: says(
        "A parameter is empty, malformed or missing, or a key is not one of a setting; nothing is stored",
      ),
      404: says("Nothing is set at or below a key; nothing is stored"),
      500: fails("The data store cannot be written; nothing is stored"),
    },
  },
  "GET /settings/schema": {
    summary: "What can be set on this host, as a JSON Schema",
    description: "Of draft 2020-12, for editors and for programs that write settings.",
    replies: { 200: answers(anyObject, "The schema of the settings of this host's variant") },
  },
} satisfies Readonly<Partial<Record<EndpointName, Endpoint>>>;
