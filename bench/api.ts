/** The API server and its client on the real executable, beside the least that does the same job. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestRoot } from "../tests/api/support/root.ts";
import { RunningServer } from "../tests/api/support/server.ts";
import { httpRequest, type LoadResult, load } from "./load.ts";
import { memoryMb, settledMb } from "./memory.ts";
import type { Benchmark, Figure } from "./report.ts";

const GETS = 10_000;
/** Enough that what opening the connections costs the first requests is no part of the slowest hundredth. */
const READS = 50_000;
const COMMITS = 500;
const CLIENT_RUNS = 40;
const CONNECTIONS = [1, 64];
/** What a host has set in practice: a few lists and some dozens of sysctls. */
const SETTINGS = JSON.stringify({
  motd: "A host of the benchmark",
  ntp: { "time-servers": ["192.0.2.1", "192.0.2.2"] },
  kernel: {
    sysctl: Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`net.core.bench_${n}`, `${n}`])),
  },
});

export const apiBenchmark: Benchmark = {
  name: "api",
  about: "API server and apiclient, beside a bare server on the same runtime and curl",
  async run(progress) {
    const root = await TestRoot.make();
    const directory = await mkdtemp(join(tmpdir(), "pinwheel-bench-"));
    const server = await RunningServer.start(root);
    const ours = { socket: server.socket, pid: server.pid };
    const peer = await startPeer(directory, await fillSettings(server));
    try {
      return [
        // First, while the servers have answered nothing else: exactly the goal's number of requests.
        ...(await memory(ours, peer, progress)),
        ...(await reads(ours, peer, progress)),
        ...(await commits(ours, peer, progress)),
        await peakMemory(ours, peer),
        await client(root, server, progress),
      ];
    } finally {
      await server.end();
      peer.end();
      await rm(directory, { recursive: true, force: true });
      await root.remove();
    }
  },
};

interface Target {
  readonly socket: string;
  readonly pid: number;
}

/** Makes the settings live and returns what GET /settings answers: the peer answers the same text. */
async function fillSettings(server: RunningServer): Promise<string> {
  await server.ask("PATCH", "/settings", SETTINGS);
  await server.ask("POST", "/tx/commit");
  return (await server.ask("GET", "/settings")).body;
}

async function startPeer(directory: string, answer: string): Promise<Target & { end(): void }> {
  const socket = join(directory, "peer.sock");
  const answerFile = join(directory, "answer.json");
  await Bun.write(answerFile, answer);
  const command = [process.execPath, join(import.meta.dirname, "peer-server.ts"), socket, answerFile];
  const child = Bun.spawn([...command, join(directory, "committed.json")], {
    // Both servers run as on a host: without the JIT.
    env: { BUN_JSC_useJIT: "0" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const first = await child.stdout.getReader().read();
  if (first.done) throw new Error("the peer server ended before it served");
  return { socket, pid: child.pid, end: () => child.kill() };
}

async function reads(ours: Target, peer: Target, progress: (line: string) => void): Promise<Figure[]> {
  const exchange = [{ request: httpRequest("GET", "/settings"), status: 200 }];
  const figures: Figure[] = [];
  for (const connections of CONNECTIONS) {
    progress(`GET /settings, ${connections} connection(s)`);
    const theirs = await load(peer.socket, connections, READS, () => exchange);
    const mine = await load(ours.socket, connections, READS, () => exchange);
    figures.push(...latencies(`GET /settings, ${connections} conn.`, mine, theirs, { p99Ms: 5 }));
  }
  return figures;
}

async function commits(ours: Target, peer: Target, progress: (line: string) => void): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const connections of CONNECTIONS) {
    progress(`PATCH and commit, ${connections} connection(s)`);
    const theirs = await load(peer.socket, connections, COMMITS, () => [
      { request: httpRequest("POST", "/commit", '{"motd":"x"}'), status: 200 },
    ]);
    const mine = await load(ours.socket, connections, COMMITS, (connection, n) => [
      { request: httpRequest("PATCH", `/settings?tx=b${connection}`, `{"motd":"${n}"}`), status: 204 },
      { request: httpRequest("POST", `/tx/commit?tx=b${connection}`), status: 200 },
    ]);
    // The goal is for one client; with 64 the time is mostly that of waiting for the 63 commits before.
    const goals = connections === 1 ? { p50Ms: 10 } : {};
    figures.push(...latencies(`PATCH + commit, ${connections} conn.`, mine, theirs, goals));
  }
  return figures;
}

function latencies(
  what: string,
  mine: LoadResult,
  theirs: LoadResult,
  goals: { readonly p50Ms?: number; readonly p99Ms?: number },
): Figure[] {
  const name = "bare server";
  const figure = (part: "p50Ms" | "p99Ms", label: string): Figure => {
    const goal = goals[part];
    return {
      what: `${what}, ${label}`,
      unit: "ms",
      ours: mine[part],
      peer: { name, value: theirs[part] },
      ...(goal === undefined ? {} : { goal: { atMost: goal, of: "value" as const } }),
    };
  };
  return [
    {
      what: `${what}, rate`,
      unit: "/s",
      ours: mine.requestsPerSecond,
      peer: { name, value: theirs.requestsPerSecond },
    },
    figure("p50Ms", "p50"),
    figure("p99Ms", "p99"),
  ];
}

/** Resident memory after exactly GETS reads, at once and when the server has come to rest. */
async function memory(ours: Target, peer: Target, progress: (line: string) => void): Promise<Figure[]> {
  progress(`resident memory after ${GETS} GET /settings`);
  const exchange = [{ request: httpRequest("GET", "/settings"), status: 200 }];
  const after = async ({ socket, pid }: Target) => {
    await load(socket, 1, GETS, () => exchange);
    return { atOnce: await memoryMb(pid, "VmRSS"), atRest: await settledMb(pid) };
  };
  const theirs = await after(peer);
  const mine = await after(ours);
  const figure = (what: string, part: "atOnce" | "atRest"): Figure => ({
    what: `resident memory after ${GETS} GETs, ${what}`,
    unit: "MB",
    ours: mine[part],
    peer: { name: "bare server", value: theirs[part] },
  });
  return [figure("at once", "atOnce"), { ...figure("at rest", "atRest"), goal: { atMost: 45, of: "value" } }];
}

/** The most that was ever resident, all loads included. */
async function peakMemory(ours: Target, peer: Target): Promise<Figure> {
  return {
    what: "resident memory, peak of all loads",
    unit: "MB",
    ours: await memoryMb(ours.pid, "VmHWM"),
    peer: { name: "bare server", value: await memoryMb(peer.pid, "VmHWM") },
  };
}

async function client(
  root: TestRoot,
  server: RunningServer,
  progress: (line: string) => void,
): Promise<Figure> {
  progress("apiclient get");
  const mine = await medianMs(() => root.run(["/usr/bin/apiclient", "get", "settings.motd"]));
  const entering = await medianMs(() => root.run(["/bin/sh", "-c", ":"]));
  const theirs = await medianMs(async () => {
    const uri = "http://localhost/?prefix=settings.motd";
    const child = Bun.spawn(["curl", "--silent", "--fail", "--unix-socket", server.socket, uri], {
      stdout: "pipe",
    });
    await new Response(child.stdout).text();
    return { exitCode: await child.exited };
  });
  return {
    // Making the namespace that the client is measured in costs time that no host pays.
    what: "apiclient get, wall time",
    unit: "ms",
    ours: mine - entering,
    peer: { name: "curl", value: theirs },
    goal: { atMost: 30, of: "value" },
  };
}

async function medianMs(run: () => Promise<{ readonly exitCode: number | null }>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < CLIENT_RUNS; n++) {
    const begin = performance.now();
    const { exitCode } = await run();
    if (exitCode !== 0) throw new Error(`a measured command exited with ${exitCode}`);
    times.push(performance.now() - begin);
  }
  return times.sort((a, b) => a - b)[CLIENT_RUNS / 2] ?? Number.NaN;
}
