/** Acting on the host, how that went, and this description (api.md 6.9). */
import type { EndpointName } from "../routes.ts";
import { answers, type Endpoint, fails, nothing, says } from "./endpoint.ts";
import { anyObject, textByKey } from "./schemas.ts";

const unreadable = says("The report cannot be read");

const EXEC = `A WebSocket session, without sub-protocol and extensions; \`apiclient exec\` is a client of it. Binary
messages are the command's input and its output (stdout and stderr). Text messages are JSON, from the client
\`{"Initialize":{"target":"admin","command":[{"Unix":[108,115]}],"tty":{"size":{"rows":40,"cols":132}}}}\` first
(\`tty\` null for pipes), then \`{"Winch":{"rows":50,"cols":100}}\` and \`"ContentComplete"\`, from the server
\`{"Capacity":{"max_messages_outstanding":1024,"messages_written":256}}\`: so many messages of input may have been sent
and not be written yet. Each side sends a ping every 2 seconds and takes the other for gone after 10 without one. A
close with 1000 has the exit status as its reason, 128 + the number if a signal ended the command; any other close
says what is wrong.`;

export const actions = {
  "POST /actions/reboot": {
    summary: "Restart the host in an orderly way",
    replies: { 204: nothing("The restart is on its way"), 500: fails("The restart could not be asked for") },
  },
  "GET /exec": {
    summary: "Run a command in a host container",
    description: EXEC,
    replies: {
      101: nothing("The connection is a WebSocket from here on"),
      400: nothing("The request is not a handshake of WebSocket version 13"),
    },
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
