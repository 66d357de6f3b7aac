/** Reads the JUnit reports that `bun test` writes. */

export interface Failure {
  /** `file: describe blocks > test`. */
  readonly test: string;
  /** The message of the failure on one line. */
  readonly why: string;
}

export interface Report {
  readonly passed: number;
  readonly failed: number;
  readonly notRun: number;
  readonly failures: readonly Failure[];
}

/** What a report says; nothing at all when it is empty, as when the process ended before it wrote one. */
export function readReport(xml: string): Report {
  const root = /<testsuites\b[^>]*>/.exec(xml)?.[0] ?? "";
  const count = (name: string) => Number(attribute(root, name) ?? 0);
  const failed = count("failures") + count("errors");
  const notRun = count("skipped");
  return { passed: count("tests") - failed - notRun, failed, notRun, failures: readFailures(xml) };
}

function readFailures(xml: string): readonly Failure[] {
  const failed = xml.matchAll(/(<testcase\b[^>]*[^/]>)\s*(<(?:failure|error)\b[^>]*>)/g);
  return [...failed].map(([, test = "", failure = ""]) => {
    const within = attribute(test, "classname");
    const name = attribute(test, "name");
    const title = [within, name].filter((part) => part).join(" > ");
    const message = attribute(failure, "message") || (attribute(failure, "type") ?? "");
    return { test: `${attribute(test, "file")}: ${title}`, why: message.replaceAll(/\s+/g, " ").trim() };
  });
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`)
    .exec(tag)?.[1]
    ?.replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replaceAll(/&(\w+);/g, (entity, word) => ENTITIES[word] ?? entity);
}
