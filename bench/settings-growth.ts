/** How the number of settings tells in what the API does with them. */
import type { TestRoot } from "../tests/api/support/root.ts";
import { RunningServer } from "../tests/api/support/server.ts";
import { growthExponent, type Point } from "./growth.ts";
import { type Exchange, load } from "./load.ts";
import type { Figure } from "./report.ts";
import { documentOfSize } from "./settings-documents.ts";
import { commit, get, patch } from "./settings-requests.ts";
import { startTimes } from "./start-times.ts";
import type { ValidationTimes } from "./validation-rounds.ts";

export const COUNTS = [50, 100, 200, 400, 800];
const ROUNDS = 300;
/** Of each dry run and start: each is a process. */
const PROCESSES = 9;
/** Linear, and what measuring adds to it. */
const LINEAR = 1.1;

/** Measures everything with more and more settings live. */
export async function growth(root: TestRoot, progress: (line: string) => void): Promise<Figure[]> {
  const grown = new Map<string, Point[]>();
  const add = (what: string, point: Point) => grown.set(what, [...(grown.get(what) ?? []), point]);
  for (const count of COUNTS) {
    progress(`growth: ${count} more settings`);
    const server = await RunningServer.start(root);
    try {
      await commit(server, documentOfSize(count));
      for (const [what, exchange, rounds] of exchangesOfSize(count)) {
        const { leastMs } = await load(server.socket, 1, rounds, () => [exchange]);
        add(what, [count, leastMs]);
      }
    } finally {
      await server.end();
    }
    add("start", [count, (await startTimes(root, PROCESSES)).leastMs]);
  }
  return [...grown].map(([what, points]) => growthFigure(what, points));
}

/** What is asked for with so many settings live, and how often. */
function exchangesOfSize(count: number): readonly (readonly [string, Exchange, number])[] {
  return [
    ["GET /settings", get("/settings"), ROUNDS],
    ["GET /", get("/"), ROUNDS],
    ["PATCH of 1 key", patch({ motd: "x" }), ROUNDS],
    ["dry run of 1 key", get("/tx/diff?tx=bench"), PROCESSES],
    ["PATCH of all of them", patch(documentOfSize(count, "2")), ROUNDS],
    ["dry run of all of them", get("/tx/diff?tx=bench"), PROCESSES],
  ];
}

export const validationGrowth = (times: readonly ValidationTimes[]): Figure =>
  growthFigure(
    "validation",
    times.map(({ count, oursLeastMs }) => [count, oursLeastMs]),
  );

/** Of the shortest times: whatever else a machine does can only make one longer. */
function growthFigure(what: string, points: readonly Point[]): Figure {
  const [first, last] = [points[0], points.at(-1)];
  const times = `${first?.[1].toFixed(2)} to ${last?.[1].toFixed(2)} ms`;
  return {
    what: `growth of ${what}, ${first?.[0]} to ${last?.[0]} settings (${times})`,
    unit: "exponent",
    ours: growthExponent(points),
    goal: { atMost: LINEAR, of: "value" },
  };
}
