/** The settings of a Kubernetes host through the API of the real executable, and how their number tells. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestRoot } from "../tests/api/support/root.ts";
import { RunningServer } from "../tests/api/support/server.ts";
import { loadedVariant } from "../tests/settings/variants.ts";
import { type BareServer, startBareServer } from "./bare-server.ts";
import { growthExponent, type Point } from "./growth.ts";
import { type Exchange, httpRequest, load } from "./load.ts";
import type { Benchmark, Figure } from "./report.ts";
import { documentOfExamples, documentOfSize } from "./settings-documents.ts";
import { startTimes } from "./start-times.ts";
import type { ValidationTimes } from "./validation-rounds.ts";

const VARIANT = "metal-k8s-1.24";
const COUNTS = [50, 100, 200, 400, 800];
const MANY = 200;
const READS = 5000;
const CHANGES = 500;
const GROWTH_ROUNDS = 300;
/** Linear, and what measuring adds to it. */
const LINEAR = 1.1;

export const settingsBenchmark: Benchmark = {
  name: "settings",
  about: `The settings of ${VARIANT} through the API, beside a bare server and a compiled JSON Schema`,
  async run(progress) {
    const { text, model } = await loadedVariant(VARIANT);
    const root = await TestRoot.make(text);
    const directory = await mkdtemp(join(tmpdir(), "pinwheel-bench-"));
    let server = await RunningServer.start(root);
    try {
      await commit(server, documentOfExamples(model));
      const { body } = await server.ask("GET", "/settings");
      const peer = await startBareServer(directory, body);
      const figures: Figure[] = [];
      try {
        figures.push(...(await reads(server, peer, progress)), ...(await changes(server, peer, progress)));
      } finally {
        await peer.end();
      }
      const validation = await validationTimes(progress);
      figures.push(validationFigure(validation));
      await server.end();
      progress("start of apiserver");
      figures.push(await startFigure(root, directory, body));
      figures.push(validationGrowth(validation));
      const grown = new Map<string, Point[]>();
      for (const count of COUNTS) {
        server = await RunningServer.start(root);
        await commit(server, documentOfSize(count));
        progress(`growth: ${count} more settings`);
        for (const [what, exchange] of Object.entries(exchangesOfSize(count))) {
          const { p50Ms } = await load(server.socket, 1, GROWTH_ROUNDS, () => [exchange]);
          grown.set(what, [...(grown.get(what) ?? []), [count, p50Ms]]);
        }
        await server.end();
        const started = (await startTimes(root, 5)).medianMs;
        grown.set("start", [...(grown.get("start") ?? []), [count, started]]);
      }
      return [...figures, ...[...grown].map(([what, points]) => growthFigure(what, points))];
    } finally {
      await server.end();
      await rm(directory, { recursive: true, force: true });
      await root.remove();
    }
  },
};

async function commit(server: RunningServer, document: unknown): Promise<void> {
  for (const [method, uri, body, status] of [
    ["PATCH", "/settings", JSON.stringify(document), 204],
    ["POST", "/tx/commit", undefined, 200],
  ] as const) {
    const answer = await server.ask(method, uri, body);
    if (answer.status !== status) throw new Error(`${method} ${uri}: ${answer.status} ${answer.body}`);
  }
}

const get = (uri: string): Exchange => ({ request: httpRequest("GET", uri), status: 200 });
const patch = (document: unknown): Exchange => ({
  request: httpRequest("PATCH", "/settings?tx=bench", JSON.stringify(document)),
  status: 204,
});
const stage = (document: unknown): Exchange => ({
  request: httpRequest("POST", "/stage", JSON.stringify(document)),
  status: 204,
});

async function reads(
  server: RunningServer,
  peer: BareServer,
  progress: (line: string) => void,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const uri of ["/settings", "/"]) {
    progress(`GET ${uri}, every setting given`);
    const theirs = await load(peer.socket, 1, READS, () => [get(uri)]);
    const mine = await load(server.socket, 1, READS, () => [get(uri)]);
    for (const [part, label] of [
      ["p50Ms", "p50"],
      ["p99Ms", "p99"],
    ] as const) {
      figures.push({
        what: `GET ${uri}, every setting given, ${label}`,
        unit: "ms",
        ours: mine[part],
        peer: { name: "bare server", value: theirs[part] },
        ...(label === "p99" ? { goal: { atMost: 5, of: "value" as const } } : {}),
      });
    }
  }
  return figures;
}

async function changes(
  server: RunningServer,
  peer: BareServer,
  progress: (line: string) => void,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  const documents = [
    ["1 key", { motd: "x" }, 5],
    [`${MANY} keys`, documentOfSize(MANY), 20],
  ] as const;
  for (const [what, document, atMost] of documents) {
    progress(`PATCH of ${what}`);
    const theirs = await load(peer.socket, 1, CHANGES, () => [stage(document)]);
    const mine = await load(server.socket, 1, CHANGES, () => [patch(document)]);
    await server.ask("DELETE", "/tx?tx=bench");
    figures.push({
      what: `PATCH of ${what}, p50`,
      unit: "ms",
      ours: mine.p50Ms,
      peer: { name: "bare server", value: theirs.p50Ms },
      goal: { atMost, of: "value" },
    });
  }
  return figures;
}

async function validationTimes(progress: (line: string) => void): Promise<readonly ValidationTimes[]> {
  progress("validation of documents");
  const script = join(import.meta.dirname, "validation-rounds.ts");
  const child = Bun.spawn([process.execPath, script, VARIANT, ...COUNTS.map(String)], {
    // As the server runs.
    env: { BUN_JSC_useJIT: "0" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  return JSON.parse(await new Response(child.stdout).text());
}

function validationFigure(times: readonly ValidationTimes[]): Figure {
  const many = times.find(({ count }) => count === MANY);
  return {
    what: `validation of a ${MANY}-key document, once warm`,
    unit: "ms",
    ours: many?.oursMs ?? Number.NaN,
    peer: { name: "JSON.parse and ajv", value: many?.schemaMs ?? Number.NaN },
    goal: { atMost: 5, of: "value" },
  };
}

async function startFigure(root: TestRoot, directory: string, answer: string): Promise<Figure> {
  const theirs: number[] = [];
  const rounds = 15;
  for (let round = 0; round < rounds; round++) {
    const begin = performance.now();
    const peer = await startBareServer(directory, answer);
    const response = await fetch("http://localhost/settings", { unix: peer.socket });
    await response.text();
    theirs.push(performance.now() - begin);
    await peer.end();
  }
  const mine = await startTimes(root, rounds);
  return {
    what: "start of apiserver to its first answer, every setting given",
    unit: "ms",
    ours: mine.medianMs,
    peer: { name: "bare server", value: theirs.sort((a, b) => a - b)[(rounds - 1) / 2] ?? Number.NaN },
    goal: { atMost: 150, of: "value" },
  };
}

/** What is asked for with so many settings live, by name. */
function exchangesOfSize(count: number): Readonly<Record<string, Exchange>> {
  return {
    "GET /settings": get("/settings"),
    "GET /": get("/"),
    "PATCH of 1 key": patch({ motd: "x" }),
    "PATCH of all of them": patch(documentOfSize(count)),
  };
}

const validationGrowth = (times: readonly ValidationTimes[]): Figure =>
  growthFigure(
    "validation",
    times.map(({ count, oursMs }) => [count, oursMs]),
  );

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
