/** What a benchmark says: each figure beside its peer of the same run, as a ratio, and the goal if there is one. */

export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer?: { readonly name: string; readonly value: number };
  /** The issue's limit, in the figure's own unit or as a ratio to the peer. */
  readonly goal?: { readonly atMost: number; readonly of: "value" | "ratio" };
}

export interface Benchmark {
  readonly name: string;
  readonly about: string;
  run(progress: (line: string) => void): Promise<readonly Figure[]>;
}

/** The lines of a table: one a figure, columns aligned. */
export function table(figures: readonly Figure[]): string {
  const rows = [["figure", "Pinwheel", "peer", "ratio", "goal", ""], ...figures.map(row)];
  const widths = rows.reduce<number[]>(
    (widest, cells) => cells.map((cell, i) => Math.max(widest[i] ?? 0, cell.length)),
    [],
  );
  return rows
    .map((cells) =>
      cells
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function row(figure: Figure): string[] {
  const ratio = figure.peer === undefined ? undefined : figure.ours / figure.peer.value;
  const goal = figure.goal;
  const judged = goal?.of === "ratio" ? ratio : figure.ours;
  const verdict = goal === undefined || judged === undefined ? "" : judged <= goal.atMost ? "met" : "MISSED";
  return [
    figure.what,
    `${round(figure.ours)} ${figure.unit}`,
    figure.peer === undefined ? "" : `${round(figure.peer.value)} ${figure.unit} (${figure.peer.name})`,
    ratio === undefined ? "" : `${round(ratio)}x`,
    goal === undefined ? "" : `<= ${goal.atMost}${goal.of === "ratio" ? "x" : ` ${figure.unit}`}`,
    verdict,
  ];
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
