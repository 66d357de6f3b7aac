/** What became of a change, for people. */
import type { AppliedCommit, AppliedFailure } from "../../settings/index.ts";

/** A line for each file and service that was touched, and for each warning; failures are told apart. */
export function outcomeLines(commit: AppliedCommit): readonly string[] {
  return [
    ...commit.files.map((path) => `wrote ${path}`),
    ...commit["removed-files"].map((path) => `removed ${path}`),
    ...commit.services.map((service) => {
      const verb = service.outcome === "done" ? "restarted" : "could not restart";
      return `${verb} ${service.name} (${seconds(service["duration-ms"])})`;
    }),
    ...commit.warnings.map((warning) => `warning: ${failureLine(warning)}`),
    ...(commit.state === "done" ? [`applied in ${seconds(commit["duration-ms"] ?? 0)}`] : []),
  ];
}

/** A failure and what to do about it. */
export function failureLine({ text, hint }: AppliedFailure): string {
  if (hint === "") return text;
  return /[.:;!?]$/.test(text) ? `${text} ${hint}` : `${text}. ${hint}`;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
