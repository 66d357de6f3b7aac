/** Everything that can be wrong with what a variant is made of; wrong settings are `Problem`s, not failures. */
import { failuresOf } from "../linux/failure.ts";

/** One thing wrong in a file: where, what was found, what is accepted. */
export interface Mistake {
  /** Name of the file, with line and column when they are known: "variant.toml:3:8". */
  readonly file: string;
  /** Dotted name of the field. */
  readonly field: string;
  readonly found: string;
  readonly accepted: string;
}

interface SettingsFailures {
  "settings/bad-variant": { mistakes: readonly Mistake[] };
  "settings/no-variant-data": { tried: readonly string[] };
  "settings/no-such-variant": { variant: string; directory: string; known: readonly string[] };
}

export const fail = failuresOf<SettingsFailures>({
  "settings/bad-variant": {
    says: (f) => f.mistakes.map(mistakeText).join("\n"),
    hint: "Correct the named fields; for an installed host this means that its image was built wrongly",
  },
  "settings/no-variant-data": {
    says: (f) => `The description of this host's variant was not found in ${f.tried.join(" or ")}`,
    hint: "Start the program from a built image or a host directory, where variant.json lies beside it",
  },
  "settings/no-such-variant": {
    says: (f) =>
      `There is no variant ${JSON.stringify(f.variant)} in ${f.directory}, only ${f.known.join(", ")}`,
    hint: "Use one of the folders in variants/ that have a variant.toml",
  },
});

function mistakeText(mistake: Mistake): string {
  return `${mistake.file}: ${mistake.field}: ${mistake.found}; accepted: ${mistake.accepted}`;
}
