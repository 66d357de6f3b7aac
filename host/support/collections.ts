/** Which requests a variant's hosts collect: what collections.toml says. */
import content from "./collections.toml";

interface Collection {
  /** Names of variants; * stands for anything. */
  readonly variants: readonly string[];
  /** One a line. */
  readonly requests: string;
}

const { collections }: { readonly collections: readonly Collection[] } = content;

/** The requests for a variant, as lines in the order in which they are made. */
export function requestsOf(variant: string): readonly string[] {
  return collections
    .filter(({ variants }) => variants.some((pattern) => matches(pattern, variant)))
    .flatMap(({ requests }) => requestLines(requests));
}

/** The lines of a text that are requests: none that is blank or a comment (specification "containers" 15.2). */
export function requestLines(text: string): readonly string[] {
  return text.split("\n").filter((line) => !/^\s*(#|$)/.test(line));
}

function matches(pattern: string, name: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(name);
}
