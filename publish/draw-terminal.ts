/** A rollout as text: the waves as a table and the share of hosts over time as bars. Decides. */
import { durationText } from "./durations.ts";
import { busiestHour, type Rollout, updatedBy, type WaveOutcome } from "./simulate.ts";

const HEIGHT = 10; // lines, so that one is 10 per cent
const eighths = " ▁▂▃▄▅▆▇█";

/**
 * @param width  columns that there are; the chart takes no more than 100
 * @returns lines, each with its line break
 */
export function drawRollout(outcomes: readonly WaveOutcome[], rollout: Rollout, width: number): string {
  const lines = [...table(outcomes, rollout), "", ...chart(rollout, Math.min(Math.max(width, 40), 100) - 8)];
  return `${lines.join("\n")}\n`;
}

function table(outcomes: readonly WaveOutcome[], rollout: Rollout): readonly string[] {
  const total = rollout.updatedAfterS.length;
  const rows = outcomes.map(({ startAfterS, bound, askedPercent, updated }, index) => {
    const next = outcomes[index + 1]?.bound ?? 2048;
    return [
      String(index + 1),
      `+${timeText(startAfterS)}`,
      `${bound + 1}–${Math.min(next, 2047)}`,
      `${askedPercent} %`,
      `${percent(updated, total)} %`,
      updated.toLocaleString("en"),
    ];
  });
  const head = ["wave", "opens", "seeds", "asked", "updated", "hosts"];
  const widths = head.map((word, column) =>
    Math.max(word.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const { fromS, hosts } = busiestHour(rollout);
  return [
    ...[head, ...rows].map((row) => row.map((word, column) => word.padStart(widths[column] ?? 0)).join("  ")),
    "",
    "Updated just before the next wave opens. Hosts of a late, narrow wave mostly wait for its end, as hosts",
    "count with their whole seed: what a wave is asked for, it has at the moment when the next one opens.",
    `Busiest hour: ${hosts.toLocaleString("en")} of ${total.toLocaleString("en")} hosts, from +${timeText(fromS)} on.`,
  ];
}

function chart(rollout: Rollout, width: number): readonly string[] {
  const total = rollout.updatedAfterS.length;
  const endS = rollout.updatedAfterS.at(-1) ?? 0;
  const shares = Array.from(
    { length: width },
    (_, column) => updatedBy(rollout, (endS * column) / (width - 1)) / total,
  );
  const lines = Array.from({ length: HEIGHT }, (_, index) => {
    const below = HEIGHT - 1 - index; // whole lines under this one
    const bars = shares.map((share) => {
      const filled = Math.min(8, Math.max(0, Math.round(share * HEIGHT * 8) - below * 8));
      return eighths[filled];
    });
    const label = index % 2 === 0 ? `${(100 * (below + 1)) / HEIGHT} %` : "";
    return `${label.padStart(5)} ┤${bars.join("")}`.trimEnd();
  });
  const end = timeText(endS);
  const middle = timeText(endS / 2);
  const half = Math.floor(width / 2);
  const axis = `0${middle.padStart(half)}${end.padStart(width - 1 - half)}`;
  return [...lines, `${"".padStart(5)} └${"─".repeat(width)}`, `${"".padStart(7)}${axis}`];
}

/** With one decimal, never rounded to 0 or 100 while somebody is the exception. */
export function percent(part: number, total: number): string {
  const tenths = Math.round((1000 * part) / total);
  const bounded = Math.min(Math.max(tenths, part > 0 ? 1 : 0), part < total ? 999 : 1000);
  return (bounded / 10).toFixed(bounded % 10 === 0 ? 0 : 1);
}

/** Seconds for people. */
export function timeText(seconds: number): string {
  return durationText(BigInt(Math.round(seconds * 1e9)));
}
