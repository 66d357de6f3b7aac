/** Transactions: what is pending, and making it live (api.md 6.5). */
import type { EndpointName } from "../routes.ts";
import { answers, badParameter, type Endpoint, fails, nothing, says } from "./endpoint.ts";
import { names } from "./schemas.ts";

const brokenRule = says(
  "The parameter is wrong, or the change would break a rule between settings; it stays pending",
);
const duringTrial = says("A trial runs; what is pending stays");
const noTrial = says("No trial runs; the text tells what became of the last one");
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
    parameters: ["tx", "try"],
    replies: {
      200: answers("Keys", "All that was pending is live now"),
      400: brokenRule,
      409: duringTrial,
      422: nothingPending,
      500: fails("The data store cannot be written; the text tells whether the change is live"),
    },
  },
  "POST /tx/commit_and_apply": {
    summary: "Make a transaction live and start applying it",
    description: "What came of applying is at GET /apply/report, once it is done.",
    parameters: ["tx", "try"],
    replies: {
      200: answers("Keys", "All that was pending is live now, and is being applied"),
      400: brokenRule,
      409: duringTrial,
      422: nothingPending,
      500: fails(
        "The data store cannot be written, or applying cannot be started; the text tells whether the change is live",
      ),
    },
  },
  "GET /tx/trial": {
    summary: "The settings that are put back unless they are confirmed in time",
    replies: { 200: answers("Trial", "The trial that runs"), 404: noTrial },
  },
  "POST /tx/confirm": {
    summary: "Keep what is on trial",
    replies: {
      200: answers("Keys", "What was on trial and stays"),
      404: noTrial,
      500: fails("The data store cannot be written; the trial goes on"),
    },
  },
  "POST /tx/revert": {
    summary: "Put back what is on trial, and start applying that",
    replies: {
      200: answers("Keys", "What was on trial and is as it was before"),
      404: noTrial,
      500: fails("The data store cannot be written, or applying cannot be started; the text tells which"),
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
