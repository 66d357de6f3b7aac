/** A rollout as an SVG picture: the share of hosts over time, and where each wave opens. Decides. */
import { percent, timeText } from "./draw-terminal.ts";
import { type Rollout, updatedBy, type WaveOutcome } from "./simulate.ts";

const [WIDTH, HEIGHT] = [960, 480];
const area = { left: 64, right: 24, top: 56, bottom: 56 };
const innerWidth = WIDTH - area.left - area.right;
const innerHeight = HEIGHT - area.top - area.bottom;
const POINTS = 480; // one every two units of width

/** @param title  what was drawn, any text */
export function svgOfRollout(title: string, outcomes: readonly WaveOutcome[], rollout: Rollout): string {
  const total = rollout.updatedAfterS.length;
  const endS = rollout.updatedAfterS.at(-1) ?? 0;
  const x = (afterS: number) => area.left + (endS === 0 ? 0 : (innerWidth * afterS) / endS);
  const y = (share: number) => area.top + innerHeight * (1 - share);
  const curve = Array.from({ length: POINTS + 1 }, (_, point) => {
    const afterS = (endS * point) / POINTS;
    return `${x(afterS).toFixed(1)},${y(updatedBy(rollout, afterS) / total).toFixed(1)}`;
  });
  const levels = [0, 20, 40, 60, 80, 100].map(
    (level) =>
      `<path class="grid" d="M${area.left},${y(level / 100)}h${innerWidth}"/>` +
      `<text x="${area.left - 8}" y="${y(level / 100) + 4}" text-anchor="end">${level} %</text>`,
  );
  const waves = outcomes.map(({ startAfterS, updated }, index) => {
    const at = x(startAfterS).toFixed(1);
    // Labels of waves that open soon after each other would cover one another in one line.
    const line = HEIGHT - area.bottom + 18 + 14 * (index % 2);
    const says = `Wave ${index + 1} opens at +${timeText(startAfterS)}; ${percent(updated, total)} % updated just before the next one does`;
    return (
      `<g><title>${says}</title><path class="wave" d="M${at},${area.top}v${innerHeight}"/>` +
      `<text x="${at}" y="${line}" text-anchor="middle">+${timeText(startAfterS)}</text></g>`
    );
  });
  const bottom = y(0).toFixed(1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">`,
    `<title>${escaped(title)}</title>`,
    "<style>text{font:12px sans-serif;fill:#333}.title{font-size:16px;font-weight:bold}.grid{stroke:#ddd}" +
      ".wave{stroke:#c60;stroke-dasharray:3 3}.share{fill:none;stroke:#06c;stroke-width:2}.under{fill:#06c;opacity:.12}</style>",
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text class="title" x="${area.left}" y="28">${escaped(title)}</text>`,
    ...levels,
    ...waves,
    `<polygon class="under" points="${x(0).toFixed(1)},${bottom} ${curve.join(" ")} ${x(endS).toFixed(1)},${bottom}"/>`,
    `<polyline class="share" points="${curve.join(" ")}"/>`,
    "</svg>",
    "",
  ].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
