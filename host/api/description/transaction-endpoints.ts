/** Transactions: what is pending, and making it live (api.md 6.5). */
import type { EndpointName } from "../routes.ts";
import { answers, badParameter, type Endpoint, fails, nothing, says, withHeader } from "./endpoint.ts";
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
    description:
      "What becomes of applying is at GET /tx/applied, under the id in the header `Pinwheel-Commit`.",
    parameters: ["tx", "try"],
    replies: {
      200: withHeader(
        "Pinwheel-Commit",
        answers("Keys", "All that was pending is live now, and is being applied"),
      ),
      400: brokenRule,
      409: duringTrial,
      422: nothingPending,
      500: withHeader(
        "Pinwheel-Commit",
        fails(
          "The data store cannot be written, or applying cannot be started; the text tells whether the change is live",
        ),
      ),
    },
  },
  "GET /tx/diff": {
    summary: "What a commit of a transaction would change: settings, files, services",
    description: "Nothing changes. Secrets are not shown, nor what is in files that not everybody may read.",
    parameters: ["tx"],
    replies: {
      200: answers("Diff", "The changes, with the problems that the commit or applying it would have"),
      400: badParameter,
      500: fails("The files cannot be rendered for the comparison"),
      503: says("Too many comparisons are being made already; ask for this one again later"),
    },
  },
  "GET /tx/applied": {
    summary: "What became of the last commits that were to be applied, or of one of them",
    parameters: ["id"],
    replies: {
      200: answers("Applied", "The commits of this boot, the newest last"),
      400: badParameter,
      404: says("No commit of this id is known"),
      500: fails("What became of changes cannot be read"),
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
      200: withHeader("Pinwheel-Commit", answers("Keys", "What was on trial and is as it was before")),
      404: noTrial,
      500: withHeader(
        "Pinwheel-Commit",
        fails("The data store cannot be written, or applying cannot be started; the text tells which"),
      ),
    },
  },
  "POST /tx/apply": {
    summary: "Start applying live settings to the system",
    description: "Those that `keys` names, which are not checked; without it, all.",
    parameters: ["keys"],
    replies: {
      204: withHeader("Pinwheel-Commit", nothing("Applying has been started")),
      400: badParameter,
      500: fails("Applying cannot be started"),
    },
  },
} satisfies Readonly<Partial<Record<EndpointName, Endpoint>>>;
