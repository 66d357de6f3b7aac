/** The model and what is known about settings (api.md 6.2, 6.6 to 6.8). */
import type { EndpointName } from "../routes.ts";
import { answers, badParameter, type Endpoint, says } from "./endpoint.ts";
import { textByKey, textsByKey } from "./schemas.ts";

const noRelease = says("The release file cannot be read or lacks something");
const halfAnEntry = says("A parameter is empty or malformed, or the prefix takes only a part of an entry");

export const models = {
  "GET /": {
    summary: "Everything: settings, services, configuration files and the os",
    description: "With `prefix` only what begins with it; sections that it does not concern are left out.",
    parameters: ["prefix"],
    replies: {
      200: answers("Model", "The sections, or what the prefix takes of them"),
      400: halfAnEntry,
      404: says("A section has nothing at all: on a first boot, before the first commit"),
      500: noRelease,
    },
  },
  "GET /os": {
    summary: "Facts about the running system",
    parameters: ["prefix"],
    replies: {
      200: answers("Os", "The facts, or those that the prefix takes"),
      400: badParameter,
      500: noRelease,
    },
  },
  "GET /services": {
    summary: "The services that settings affect",
    parameters: ["names", "prefix"],
    replies: {
      200: answers("Services", "The entries that were asked for"),
      400: halfAnEntry,
      404: says("A name is not there, or nothing is defined at all"),
    },
  },
  "GET /configuration-files": {
    summary: "The files that are made from settings",
    parameters: ["names", "prefix"],
    replies: {
      200: answers("ConfigurationFiles", "The entries that were asked for"),
      400: halfAnEntry,
      404: says("A name is not there, or nothing is defined at all"),
    },
  },
  "GET /metadata/affected-services": {
    summary: "The services that settings affect, by key",
    description: "The most specific list on the way to a key counts. Keys that affect nothing are left out.",
    required: ["keys"],
    replies: { 200: answers(textsByKey, "Names of services by key, as it was written"), 400: badParameter },
  },
  "GET /metadata/templates": {
    summary: "The templates of generated settings, by key",
    required: ["keys"],
    replies: { 200: answers(textByKey, "Templates by key, as it was written"), 400: badParameter },
  },
  "GET /metadata/setting-generators": {
    summary: "The commands that make up settings that are not set, by key",
    replies: { 200: answers(textByKey, "Command lines by key") },
  },
} satisfies Readonly<Partial<Record<EndpointName, Endpoint>>>;
