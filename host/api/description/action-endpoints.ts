/** Acting on the host, how that went, and this description (api.md 6.9). */
import type { EndpointName } from "../routes.ts";
import { answers, type Endpoint, fails, nothing, says } from "./endpoint.ts";
import { anyObject, textByKey } from "./schemas.ts";

const unreadable = says("The report cannot be read");

export const actions = {
  "POST /actions/reboot": {
    summary: "Restart the host in an orderly way",
    replies: { 204: nothing("The restart is on its way"), 500: fails("The restart could not be asked for") },
  },
  "GET /boot/report": {
    summary: "How the host was configured at this boot",
    replies: {
      200: answers("BootReport", "Each step with its outcome, its time and its problems"),
      404: says("This boot has not been configured so far"),
      500: unreadable,
    },
  },
  "GET /apply/report": {
    summary: "How the last change was applied",
    replies: {
      200: answers("ApplyReport", "What was written and restarted, and what failed"),
      404: says("No change was applied since this boot began"),
      500: unreadable,
    },
  },
  "GET /docs/": {
    summary: "What documents there are about this API",
    replies: { 200: answers(textByKey, "What each is, by its name below this path") },
  },
  "GET /docs/openapi.json": {
    summary: "This document",
    replies: { 200: answers(anyObject, "An OpenAPI 3.1 document") },
  },
} satisfies Readonly<Partial<Record<EndpointName, Endpoint>>>;
