import { describe, expect, it } from "bun:test";
import { attemptOutcome } from "./attempt-outcome.ts";
import { readBootFlags, type SetName } from "./partition-sets.ts";
import { attributesOf } from "./sample-table.ts";

const set = (text: string) => ({ boot: "", root: "", hash: "", flags: readBootFlags(attributesOf(text)) });
const time = "2026-02-01T12:00:00.000Z";
const attempt = { version: "1.1.0", from: "1.0.0", time };
const said = (version: string) => ({ version, reason: "kubelet.service is failed", time });
const silent = "it did not come up: its kernel, root or init failed, or the power was cut";

/** In the words of specification "updates" 20: A runs 1.0.0 and updates to 1.1.0 in B. priority/tries left/successful. */
type Row = [situation: string, active: SetName, a: string, b: string, outcome: string, trial?: string];

const asPlanned: Row[] = [
  ["activated, and not restarted yet", "A", "1/0/1", "2/1/0", "waiting"],
  ["being tried", "B", "1/0/1", "2/0/0", "on-trial"],
  ["tried and marked good", "B", "1/0/1", "2/0/1", "succeeded"],
  ["tried, and the version before runs again", "A", "1/0/1", "2/0/0", `failed: ${silent}`],
  ["tried, and has said why it gave up", "A", "1/0/1", "2/0/0", "failed: kubelet.service is failed", "1.1.0"],
  ["from B to A, and B runs again", "B", "2/0/0", "1/0/1", "failed: kubelet.service is failed", "1.1.0"],
];

const byHand: Row[] = [
  ["cancelled before the restart", "A", "2/0/1", "0/1/0", "withdrawn"],
  ["cleared before the restart", "A", "1/0/1", "0/0/0", "withdrawn"],
  ["good, then rolled back", "A", "2/0/1", "1/0/1", "withdrawn"],
  ["on trial, then rolled back by hand before it was marked good", "A", "2/0/1", "1/0/0", "withdrawn"],
  ["rolled back by hand, although it had said that it gives up", "A", "2/0/1", "1/0/0", "withdrawn", "1.1.0"],
  ["good, and the version before because it wore itself out later", "A", "1/0/1", "2/0/1", "withdrawn"],
  ["prepared anew by hand after it had been good", "B", "0/1/0", "2/0/1", "succeeded"],
];

const powerCuts: Row[] = [
  ["cut after it was recorded, before the flags", "A", "1/0/1", "0/1/0", "withdrawn"],
  ["cut while its image was written again", "A", "1/0/1", "0/0/0", "withdrawn"],
  ["cut during its first boot, which counts as the try it had", "A", "1/0/1", "2/0/0", `failed: ${silent}`],
  ["cut after it was marked good, before it was forgotten", "B", "1/0/1", "2/0/1", "succeeded"],
  [
    "cut after it was marked good, and what it said earlier is left",
    "B",
    "1/0/1",
    "2/0/1",
    "succeeded",
    "1.1.0",
  ],
  [
    "cut after it had given up, before it restarted",
    "A",
    "1/0/1",
    "2/0/0",
    "failed: kubelet.service is failed",
    "1.1.0",
  ],
  ["cut after it was refused, before it was forgotten", "A", "1/0/1", "2/0/0", `failed: ${silent}`],
  ["what another version has said is left", "A", "1/0/1", "2/0/0", `failed: ${silent}`, "1.0.5"],
];

for (const [title, rows] of [
  ["an update as it is planned is", asPlanned],
  ["an update that somebody decided about is", byHand],
  ["an update with a power cut between two steps is", powerCuts],
] as const) {
  describe(title, () => {
    for (const [situation, active, a, b, expected, trial] of rows) {
      it(`${situation}: ${expected}`, () => {
        const sets = { A: set(a), B: set(b) };
        const running = active === (situation.startsWith("from B") ? "A" : "B") ? "1.1.0" : "1.0.0";
        const outcome = attemptOutcome(
          { active, sets },
          attempt,
          running,
          trial === undefined ? undefined : said(trial),
        );
        expect(outcome.kind === "failed" ? `failed: ${outcome.reason}` : outcome.kind).toBe(expected);
      });
    }
  });
}
