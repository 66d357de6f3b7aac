/** The settings of a Kubernetes host through the API of the real executable, and how their number tells. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestRoot } from "../tests/api/support/root.ts";
import { RunningServer } from "../tests/api/support/server.ts";
import { loadedVariant } from "../tests/settings/variants.ts";
import { type BareServer, startBareServer } from "./bare-server.ts";
import { load } from "./load.ts";
import type { Benchmark, Figure } from "./report.ts";
import { documentOfExamples, documentOfSize } from "./settings-documents.ts";
import { COUNTS, growth, validationGrowth } from "./settings-growth.ts";
import { commit, get, patch, stage } from "./settings-requests.ts";
import { startTimes } from "./start-times.ts";
import type { ValidationTimes } from "./validation-rounds.ts";

const VARIANT = "metal-k8s-1.24";
const MANY = 200;
const READS = 5000;
const CHANGES = 500;
/** Of each dry run: each is a process that renders. */
const DRY_RUNS = 9;

export const settingsBenchmark: Benchmark = {
  name: "settings",
  about: `The settings of ${VARIANT} through the API, beside a bare server and a compiled JSON Schema`,
  async run(progress) {
    const { text, model } = await loadedVariant(VARIANT);
    const root = await TestRoot.make(text);
    const directory = await mkdtemp(join(tmpdir(), "pinwheel-bench-"));
    const server = await RunningServer.start(root);
    try {
      await root.useRealApplier();
      await commit(server, documentOfExamples(model));
      const { body } = await server.ask("GET", "/settings");
      const peer = await startBareServer(directory, body);
      const figures: Figure[] = [];
      try {
        figures.push(...(await reads(server, peer, progress)), ...(await changes(server, peer, progress)));
        progress("dry run");
        figures.push(await dryRunFigure(root, server));
      } finally {
        await peer.end();
      }
      const validation = await validationTimes(progress);
      figures.push(validationFigure(validation));
      await server.end();
      progress("start of apiserver");
      figures.push(await startFigure(root, directory, body));
      return [...figures, validationGrowth(validation), ...(await growth(root, progress))];
    } finally {
      await server.end();
      await rm(directory, { recursive: true, force: true });
      await root.remove();
    }
  },
};

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

/** Beside the program alone, which a dry run starts: what is above it is the work. */
async function dryRunFigure(root: TestRoot, server: RunningServer): Promise<Figure> {
  await server.ask("PATCH", "/settings?tx=bench", JSON.stringify({ motd: "x", ...documentOfSize(1) }));
  const { p50Ms } = await load(server.socket, 1, DRY_RUNS, () => [get("/tx/diff?tx=bench")]);
  await server.ask("DELETE", "/tx?tx=bench");
  const alone: number[] = [];
  for (let round = 0; round < DRY_RUNS; round++) {
    const entered = await elapsedMs(() => root.run(["/bin/sh", "-c", ":"]));
    alone.push((await elapsedMs(() => root.run(["/usr/bin/thar-be-settings", "--help"]))) - entered);
  }
  return {
    what: "dry run of 2 keys (GET /tx/diff), p50",
    unit: "ms",
    ours: p50Ms,
    peer: {
      name: "the renderer's --help",
      value: alone.sort((a, b) => a - b)[(DRY_RUNS - 1) / 2] ?? Number.NaN,
    },
    goal: { atMost: 250, of: "value" },
  };
}

async function elapsedMs(run: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await run();
  return performance.now() - begin;
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
