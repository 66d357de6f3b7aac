/** Updates of the whole host. What is not in the reference is how far a command is, and taking a refused version. */
import type { EndpointName } from "../routes.ts";
import { type Answer, answers, type Endpoint, fails, nothing, says, withHeader } from "./endpoint.ts";

const BACKGROUND = "Done in the background: GET /updates/progress tells how far it is and how it ended.";
const begun: Answer = withHeader("Pinwheel-Command", nothing("The command has begun"));
const locked = says("Another update command runs");
const notNow = says("The command is not allowed in this update state; the text says what to do first");
const notStarted = fails("The command cannot be started");

export const updates = {
  "POST /actions/refresh-updates": {
    summary: "Look for updates, and choose one",
    description: BACKGROUND,
    replies: { 204: begun, 423: locked, 500: notStarted },
  },
  "POST /actions/prepare-update": {
    summary: "Write the chosen update to the inactive partition set",
    description: BACKGROUND,
    parameters: ["retry"],
    replies: {
      204: begun,
      400: says("The parameter retry is neither true nor false"),
      404: says("No update is chosen"),
      409: notNow,
      423: locked,
      500: notStarted,
    },
  },
  "POST /actions/activate-update": {
    summary: "Have the next boot start what was written",
    description: BACKGROUND,
    replies: { 204: begun, 404: says("Nothing is staged"), 409: notNow, 423: locked, 500: notStarted },
  },
  "POST /actions/deactivate-update": {
    summary: "Have the next boot start what runs now",
    description: BACKGROUND,
    replies: { 204: begun, 404: says("Nothing is staged"), 409: notNow, 423: locked, 500: notStarted },
  },
  "GET /updates/status": {
    summary: "What is known of updates, when no update command runs",
    replies: {
      200: answers("UpdateStatus", "What the last commands have brought"),
      404: says("No update command has run since the host started"),
      423: says("An update command runs"),
      500: fails("The status cannot be read"),
    },
  },
  "GET /updates/progress": {
    summary: "The same at any time, with the command that runs and how the last ones ended",
    description:
      "Also what a rollback would start, and which versions are not taken because they did not come up well.",
    replies: {
      200: answers("UpdateProgress", "Everything there is to know about updates"),
      500: fails("The status cannot be read"),
    },
  },
} satisfies Readonly<Partial<Record<EndpointName, Endpoint>>>;
