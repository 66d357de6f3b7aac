/** A diagnosis as people read it. */
import type { Diagnosis } from "../host-status.ts";
import { aligned, findingLines } from "./status-text.ts";

/** Ends with a newline. */
export function diagnosisText({ findings, timeline, registries }: Diagnosis): string {
  return [
    ...(findings.length === 0
      ? ["Nothing found: all that was looked at is as it should be"]
      : findingLines(findings)),
    ...section(
      "How long this start of the host took",
      timeline.map(({ step, "duration-ms": ms }) => [`${(ms / 1000).toFixed(1).padStart(7)} s`, step]),
    ),
    ...section(
      "Registries",
      registries.map(({ url, reached, detail, "duration-ms": ms }) => [
        url,
        reached ? "reached" : "not reached",
        `${ms} ms`,
        detail,
      ]),
    ),
    "",
  ].join("\n");
}

const section = (title: string, rows: readonly (readonly string[])[]): readonly string[] =>
  rows.length === 0 ? [] : ["", `${title}:`, ...aligned(rows).map((line) => `  ${line}`)];
