/** Wave policies: how a release reaches the fleet (specification "updates" 15). Decides. */
import { describeNode, type SourceNode } from "../host/settings/index.ts";
import type { TableReader } from "../host/settings/table-reader.ts";
import { HIGHEST_BOUND, type InstantNs, type Waves } from "../host/update/index.ts";
import { type DurationNs, durationForm, parseDuration } from "./durations.ts";
import { parseToml, wholeNumber } from "./toml-file.ts";

export interface PolicyWave {
  /** After the start of the release. */
  readonly startAfter: DurationNs;
  /** 1–100: share of the fleet that may have updated when the next wave starts. That of the last one is not used. */
  readonly fleetPercentage: number;
}

/**
 * Reads a policy.
 *
 * @param file  its name, for the messages
 * @returns at least one wave, times and percentages increasing
 * @throws publish/bad-file
 */
export function parseWavePolicy(file: string, text: string): readonly PolicyWave[] {
  return parseToml(file, text, (reader, document) => {
    const node = reader.table("", document, ["waves"]).get("waves");
    if (node?.kind !== "list" || node.items.length === 0) {
      reader.mistake(
        "waves",
        node,
        node === undefined ? "missing" : `found ${describeNode(node)}`,
        "one or more tables [[waves]]",
      );
      return [];
    }
    const waves = node.items.map((item, index) => readWave(reader, `waves[${index}]`, item));
    checkOrder(reader, node.items, waves);
    return waves;
  });
}

/**
 * The waves of a release that starts at a time: the first wave has bound 0, every other one the seed that the share of
 * the one before it reaches to. (The reference counts in single precision, which gives the same for every percentage.)
 */
export function wavesOf(policy: readonly PolicyWave[], start: InstantNs): Waves {
  return new Map(
    policy.map(({ startAfter }, index) => {
      const reached = policy[index - 1]?.fleetPercentage ?? 0;
      return [Math.floor((reached * HIGHEST_BOUND) / 100), start + startAfter];
    }),
  );
}

function readWave(reader: TableReader, field: string, node: SourceNode): PolicyWave {
  const fields = reader.table(field, node, ["start_after", "fleet_percentage"]);
  return {
    startAfter: readDuration(reader, `${field}.start_after`, fields.get("start_after")),
    fleetPercentage: wholeNumber(
      reader,
      `${field}.fleet_percentage`,
      fields.get("fleet_percentage"),
      [1, 100],
    ),
  };
}

/** A duration; a mistake gives none, 0. */
export function readDuration(reader: TableReader, field: string, node: SourceNode | undefined): DurationNs {
  const duration = node?.kind === "string" ? parseDuration(node.value) : undefined;
  if (duration === undefined) {
    reader.mistake(field, node, node === undefined ? "missing" : `found ${describeNode(node)}`, durationForm);
  }
  return duration ?? 0n;
}

function checkOrder(reader: TableReader, nodes: readonly SourceNode[], waves: readonly PolicyWave[]): void {
  if (reader.mistakes.length > 0) return; // of values that could not be read nothing can be said
  for (const [index, wave] of waves.entries()) {
    const before = waves[index - 1];
    if (before === undefined) continue;
    const field = `waves[${index}]`;
    if (wave.startAfter <= before.startAfter) {
      reader.mistake(
        field,
        nodes[index],
        "start_after is not later than that of the wave before",
        "times that increase",
      );
    }
    // Equal ones would make one bound of two waves, so that the first would be lost without a word.
    if (wave.fleetPercentage <= before.fleetPercentage) {
      reader.mistake(
        field,
        nodes[index],
        "fleet_percentage is not higher than that of the wave before",
        "percentages that increase",
      );
    }
  }
}
