/** How the host is, and what it has logged; none of it is in the reference. */
import type { EndpointName } from "../routes.ts";
import { answers, badParameter, type Endpoint, fails, says } from "./endpoint.ts";

export const host = {
  "GET /status": {
    summary: "How the host is: units, containers, disks, clock, memory, and what is wrong",
    description: "Looked at when it is asked for; those who ask at the same time share a look.",
    replies: {
      200: answers("HostStatus", "What there is to see"),
      500: fails("The host cannot be looked at"),
    },
  },
  "GET /doctor": {
    summary: "The same, with where the time of the last start went and whether registries can be reached",
    description:
      "Asks the registries of host and bootstrap containers and their mirrors, so it takes some seconds.",
    replies: {
      200: answers("Diagnosis", "What there is to see"),
      500: fails("The host cannot be looked at"),
    },
  },
  "GET /logs": {
    summary: "The journal of a unit or container, as text, in pieces as it comes",
    description: `An empty line is none of the log: it comes where nothing else does for some seconds. A client that reads
nothing for about 10 seconds is hung up on.`,
    required: ["unit"],
    parameters: ["follow", "since", "lines"],
    replies: {
      200: {
        when: "The lines, the newest last; broken off when reading the journal fails",
        mayBeEmpty: true,
      },
      400: badParameter,
      404: says("There is no such unit"),
      500: says("systemd or the journal cannot be asked"),
      503: says("Too many logs are being read already; ask for this one again later"),
    },
  },
} satisfies Readonly<Partial<Record<EndpointName, Endpoint>>>;
