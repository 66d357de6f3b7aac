/** Types for kernel and boot settings (specification "settings" 6.4). */
import { firstCharacterNot, names, oneOf, text } from "./basic-types.ts";

/** How far the kernel is closed against its own root user. */
export const lockdown = oneOf(["none", "integrity", "confidentiality"]);

/** The name of a sysctl, with dots or slashes between its parts. */
export const sysctlName = names(
  "a sysctl name of 1 to 128 characters A-Z a-z 0-9 . / _ -, not starting with . or /, without ..",
  (name) => {
    if (name === "") return "it is empty";
    if (name.length > 128) return `it is ${name.length} characters long`;
    const wrong = firstCharacterNot(/^[A-Za-z0-9./_-]$/, name);
    if (wrong !== undefined) return `the character ${wrong} is not allowed`;
    if (name.startsWith(".") || name.startsWith("/")) return `it starts with ${name[0]}`;
    return name.includes("..") ? "it contains .." : undefined;
  },
);

/** The name of a kernel module. */
export const moduleName = names("a module name of 1 to 56 characters A-Z a-z 0-9 - _", (name) => {
  if (name === "") return "it is empty";
  if (name.length > 56) return `it is ${name.length} characters long`;
  const wrong = firstCharacterNot(/^[A-Za-z0-9_-]$/, name);
  return wrong === undefined ? undefined : `the character ${wrong} is not allowed`;
});

/**
 * What decides which root and which first program the host starts with. The boot selector gives these words itself:
 * with one of them a boot setting could replace the verified root, or keep both sets from ever coming up. The selector
 * passes over the same names (boot/selector/boot-words.c, compared by boot/testdata/boot-words.json).
 */
const reservedBootParameters: readonly string[] = [
  ...["dm-mod.create", "root", "rootflags", "rootfstype"],
  ...["init", "rdinit", "initrd", "noinitrd"],
];

/** Whether a boot parameter has one of those names. To the kernel `_` and `-` are the same. */
export function isReservedBootParameter(name: string): boolean {
  return reservedBootParameters.includes(name.replaceAll("_", "-"));
}

/** The name of a kernel or init parameter: words joined by dots. */
export const bootParameterName = names(
  "a parameter name: words of A-Z a-z 0-9 - _ joined by dots, none that decides what the host starts",
  (name) =>
    bootParameterNameProblem(name) ??
    (isReservedBootParameter(name)
      ? "the boot selector alone decides which root and first program are started"
      : undefined),
);

function bootParameterNameProblem(name: string): string | undefined {
  if (name === "") return "it is empty";
  const wrong = firstCharacterNot(/^[A-Za-z0-9._-]$/, name);
  if (wrong !== undefined) return `the character ${wrong} is not allowed`;
  return name.split(".").includes("") ? "a word between dots is empty" : undefined;
}

/** Whether a text can name a kernel or init parameter. */
export function isBootParameterName(text: string): boolean {
  return bootParameterNameProblem(text) === undefined;
}

/** One value of a boot parameter; whoever writes it puts it between quotes, so it cannot hold both kinds. */
export const bootParameterValue = text(
  "of printable ASCII characters, with ' or \" but not both",
  (value) => {
    const wrong = firstCharacterNot(/^[\x20-\x7e]$/, value);
    if (wrong !== undefined) return `the character ${wrong} is not allowed`;
    return value.includes("'") && value.includes('"') ? "it contains both ' and \"" : undefined;
  },
);
