/** Transactions: what is pending, and making it live (api.md 6.5). */
import type { EndpointName } from "../routes.ts";
import { answers, badParameter, type Endpoint, fails, nothing, says } from "./endpoint.ts";
import { names } from "./schemas.ts";

const brokenRule = says(
  "The parameter is wrong, or the change would break a rule between settings; it stays pending",
);
const nothingPending = says("Nothing is pending in the transaction");

export const transactions = {
  "GET /tx": {
    summary: "The settings that are pending in a transaction",
    parameters: ["tx"],
    replies: {
      200: answers("Settings", "The pending settings; `{}` if the transaction is not open"),
      400: badParameter,
    },
  },
  "DELETE /tx": {
    summary: "Discard a transaction",
    parameters: ["tx"],
    replies: {
      200: answers("Keys", "What was pending; `[]` if the transaction was not open"),
      400: badParameter,
      500: fails("The data store cannot be written; the transaction stays"),
    },
  },
  "GET /tx/list": {
    summary: "The names of the open transactions",
    replies: { 200: answers(names, "The names") },
  },
  "POST /tx/commit": {
    summary: "Make a transaction live, without applying it",
    parameters: ["tx"],
    replies: {
      200: answers("Keys", "All that was pending is live now"),
      400: brokenRule,
      422: nothingPending,
      500: fails("The data store cannot be written; the text tells whether the change is live"),
    },
  },
  "POST /tx/commit_and_apply": {
    summary: "Make a transaction live and start applying it",
    description: "What came of applying is at GET /apply/report, once it is done.",
    parameters: ["tx"],
    replies: {
      200: answers("Keys", "All that was pending is live now, and is being applied"),
      400: brokenRule,
      422: nothingPending,
      500: fails(
        "The data store cannot be written, or applying cannot be started; the text tells whether the change is live",
      ),
    },
  },
  "POST /tx/apply": {
    summary: "Start applying live settings to the system",
    description: "Those that `keys` names, which are not checked; without it, all.",
    parameters: ["keys"],
    replies: {
      204: nothing("Applying has been started"),
      400: badParameter,
      500: fails("Applying cannot be started"),
    },
  },
} satisfies Readonly<Partial<Record<EndpointName, Endpoint>>>;
