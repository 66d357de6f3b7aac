/** Types for kernel and boot settings (specification "settings" 6.4). */

import { oneOf } from "./basic-types.ts";
import type { Json } from "./source.ts";
import { names, problemOf, text } from "./text-rule.ts";

/** How far the kernel is closed against its own root user. */
export const lockdown = oneOf(["none", "integrity", "confidentiality"]);

/** How closed a kernel is that was told so; one that was told nothing is open. */
export function lockdownLevel(value: Json | undefined): number {
  const closed: readonly (Json | undefined)[] = ["integrity", "confidentiality"];
  return closed.indexOf(value) + 1;
}

/** The name of a sysctl, with dots or slashes between its parts. */
export const sysctlName = names({
  accepted: "a sysctl name of 1 to 128 characters A-Z a-z 0-9 . / _ -, not starting with . or /, without ..",
  length: { max: 128 },
  characters: "A-Za-z0-9./_-",
  shapes: [
    { pattern: "^[^./]", otherwise: (name) => `it starts with ${name[0]}` },
    { pattern: "^(?!.*\\.\\.)", otherwise: "it contains .." },
  ],
});

/** The name of a kernel module. */
export const moduleName = names({
  accepted: "a module name of 1 to 56 characters A-Z a-z 0-9 - _",
  length: { max: 56 },
  characters: "A-Za-z0-9_-",
});

/**
 * What decides which root and which first program the host starts with. The boot selector gives these words itself:
 * with one of them a boot setting could replace the verified root, or keep both sets from ever coming up. The selector
 * passes over the same names (boot/selector/reserved-names.c, compared by boot/testdata/boot-words.json).
 */
const reservedBootParameters: readonly string[] = [
  ...["dm-mod.create", "root", "rootflags", "rootfstype"],
  ...["init", "rdinit", "initrd", "noinitrd"],
];

/** Whether a boot parameter has one of those names. To the kernel `_` and `-` are the same. */
export function isReservedBootParameter(name: string): boolean {
  return reservedBootParameters.includes(name.replaceAll("_", "-"));
}

const parameterName = {
  accepted:
    "a parameter name: words of A-Z a-z 0-9 - _ joined by dots, none that decides what the host starts",
  length: { min: 1 },
  characters: "A-Za-z0-9._-",
  shapes: [{ pattern: "^[^.]+(\\.[^.]+)*$", otherwise: "a word between dots is empty" }],
};
const parameterNameProblem = problemOf(parameterName);

/** Whether a text can name a kernel or init parameter. */
export function isBootParameterName(text: string): boolean {
  return parameterNameProblem(text) === undefined;
}

/** Why such a name is refused, as a clause. */
export const reservedBootParameterReason =
  "the boot selector alone decides which root and first program are started";

const reservedPattern = reservedBootParameters
  .map((name) => name.replaceAll(".", "\\.").replaceAll("-", "[_-]"))
  .join("|");

/** The name of a kernel or init parameter: words joined by dots. */
export const bootParameterName = names({
  ...parameterName,
  shapes: [
    ...parameterName.shapes,
    {
      pattern: `^(?!(${reservedPattern})$)`,
      otherwise: reservedBootParameterReason,
    },
  ],
});

/** One value of a boot parameter; whoever writes it puts it between quotes, so it cannot hold both kinds. */
export const bootParameterValue = text({
  accepted: "of printable ASCII characters, with ' or \" but not both",
  characters: "\\u0020-\\u007e",
  shapes: [{ pattern: "^([^']*|[^\"]*)$", otherwise: "it contains both ' and \"" }],
});
