/** Types for containers and the registries they come from (specification "settings" 6.1, 6.5, 7.10). */
import { list, oneOf } from "./basic-types.ts";
import { listOrTable, record, secret } from "./composed-types.ts";
import { base64 } from "./encoded-types.ts";
import { names, text } from "./text-rule.ts";
import { singleLine, url } from "./text-types.ts";

/** A name that users choose for a container, a certificate bundle, a static pod. */
export const identifier = names({
  accepted: "a name of 1 to 76 characters A-Z a-z 0-9 -",
  length: { max: 76 },
  characters: "A-Za-z0-9-",
});

/** The name of a container that commands are run in: none that begins with a hyphen, which would be an option there. */
export const commandTarget = text({
  accepted: "that is a name of 1 to 76 characters A-Z a-z 0-9 -, the first no hyphen",
  length: { min: 1, max: 76 },
  shapes: [{ pattern: "^[A-Za-z0-9][A-Za-z0-9-]*$", otherwise: "it is not such a name" }],
});

/** A word of a command that runs in a container: of any characters that a program can be given. */
export const commandWord = text({
  accepted: "without NUL characters",
  shapes: [{ pattern: "^[^\\u0000]*$", otherwise: "it has a NUL in it" }],
});

const host =
  "(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\\[[0-9a-fA-F:.]+\\])";
const component = "[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*";
const imagePattern = `^(?:${host}(?::[0-9]{1,5})?/)?${component}(?:/${component})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`;

/**
 * A reference to a container image. The reference takes any URL here, which containerd then cannot pull (WEAKNESS in
 * specification "settings" 6.2).
 */
export const imageReference = text({
  accepted: "that is an image reference such as registry.example.com/team/image:v1",
  length: { min: 1, max: 512 },
  characters: "\\u0021-\\u007e",
  shapes: [{ pattern: imagePattern, otherwise: "it is not an image reference" }],
});

/** When a bootstrap container runs. */
export const bootstrapMode = oneOf(["off", "once", "always"]);

const endpoints = list(url);

/** Where images of a registry are fetched from instead, in order. */
export const mirrors = listOrTable(record({ registry: singleLine, endpoint: endpoints }), {
  name: "registry",
  value: "endpoint",
  valueSchema: endpoints.schema,
});

/** How to log in to registries. */
export const registryCredentials = list(
  record({
    registry: singleLine,
    username: singleLine,
    password: secret(singleLine),
    auth: secret(base64),
    identitytoken: secret(singleLine),
  }),
);
