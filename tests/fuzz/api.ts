/**
 * Random and grammar-made requests against the real server, for minutes: it must not end, not hang, not fail by its own
 * fault, and not grow. What is sent follows from the seed alone, in this order; what several clients send at once
 * arrives in another one.
 */
import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { memoryMb, settledMb } from "../api/support/memory.ts";
import { TestRoot } from "../api/support/root.ts";
import { RunningServer } from "../api/support/server.ts";
import { Systemd } from "../api/support/systemd.ts";
import { loadedVariant } from "../settings/variants.ts";
import { exchange } from "./exchange.ts";
import { askHealth } from "./health.ts";
import { problemOf } from "./judge.ts";
import { type Attempt, attempts } from "./requests.ts";

export interface FuzzOptions {
  readonly minutes: number;
  readonly seed: number;
  /** The variant whose settings the server has. */
  readonly variant: string;
}

const CLIENTS = 12;
// Requests made from one seed. Making them holds up the clients, and the watch over the server's health.
const BATCH = 10;
const REPLY_LIMIT_MS = 30_000; // the server gives a slow client 20 s
const HEALTH_EVERY_MS = 1000;
const HEALTH_LIMIT_MS = 2000;
const SAMPLE_EVERY_MS = 15_000;
const WARM_UP_SHARE = 0.2;
/** What may be added after the warm-up: a collector leaves more or less behind from one time to the next. */
const GROWTH_MB = 10;
const RECENT = 2 * CLIENTS;

const FAILURES = join(import.meta.dirname, "../../build/fuzz");

/** @returns the exit code: 1 if something was found */
export async function fuzzApi(options: FuzzOptions): Promise<number> {
  const { text, model } = await loadedVariant(options.variant);
  const root = await TestRoot.make(text);
  try {
    await applyNothing(root);
    const systemd = await Systemd.in(root, ["apiserver.service", "containerd.service"]);
    await systemd.journal("lines");
    // Without sets on a disk there is nothing to update; what is asked is asked by the thousand.
    await root.script("usr/bin/thar-be-updates", "echo 'not now' >&2; exit 64");
    const server = await RunningServer.start(root);
    await server.ask("PATCH", "/settings", JSON.stringify(model.nest(model.defaults)));
    await server.ask("POST", "/tx/commit");
    const run = new Run(server, attempts(model), options);
    console.log(`seed ${options.seed}, ${options.minutes} minutes, the settings of ${options.variant}`);
    return await run.toItsEnd();
  } finally {
    await root.remove();
  }
}

/** Commits are by the thousand here, and each would render and restart; dry runs are the server's own business. */
async function applyNothing(root: TestRoot): Promise<void> {
  await root.useRealApplier();
  await mkdir(root.at("usr/lib/real"));
  await rename(root.at("usr/bin/thar-be-settings"), root.at("usr/lib/real/thar-be-settings"));
  await symlink("/usr/bin/pinwheel-host", root.at("usr/lib/real/pinwheel-host"));
  await root.script(
    "usr/bin/thar-be-settings",
    'if [ "$1" = --preview ]; then exec /usr/lib/real/thar-be-settings "$@"; fi\ncat >/dev/null',
  );
}

class Run {
  private readonly found: string[] = [];
  private readonly recent: Attempt[] = [];
  private readonly queue: Attempt[] = [];
  private readonly statuses = new Map<string, number>();
  private batch = 0;
  private sent = 0;
  private slowestHealthMs = 0;
  private readonly begin = performance.now();

  constructor(
    private readonly server: RunningServer,
    private readonly requests: fc.Arbitrary<Attempt>,
    private readonly options: FuzzOptions,
  ) {}

  async toItsEnd(): Promise<number> {
    const totalMs = this.options.minutes * 60_000;
    await this.load(totalMs * WARM_UP_SHARE);
    const warmMb = await this.atRest("after the warm-up");
    await this.load(totalMs);
    const endMb = await this.atRest("at the end");
    if (endMb > warmMb + GROWTH_MB) {
      this.tell(`the memory grew from ${warmMb.toFixed(1)} to ${endMb.toFixed(1)} MB`);
    }
    const failure = this.server.printed.split("\n").find((line) => line.includes("[ERROR]"));
    if (failure !== undefined) this.tell(`the server says: ${failure}`);
    return this.report();
  }

  /** Has all clients send, until so long after the beginning of the run or until something is found. */
  private async load(untilMs: number): Promise<void> {
    const goesOn = () => this.found.length === 0 && performance.now() - this.begin < untilMs;
    const clients = Array.from({ length: CLIENTS }, async () => {
      while (goesOn()) await this.one();
    });
    await Promise.all([...clients, this.watchHealth(goesOn), this.sampleMemory(goesOn)]);
  }

  private async one(): Promise<void> {
    const attempt = this.next();
    this.recent.push(attempt);
    if (this.recent.length > RECENT) this.recent.shift();
    this.sent += 1;
    try {
      const outcome = await exchange(this.server.socket, attempt, REPLY_LIMIT_MS);
      for (const { status } of outcome.replies) this.count(`${status}`);
      if (outcome.replies.length === 0) this.count("none");
      const problem = problemOf(attempt, outcome);
      if (problem !== undefined) await this.keep(problem, attempt);
    } catch (error) {
      await this.keep(`no connection to the server: ${String(error)}`, attempt);
    }
  }

  private next(): Attempt {
    const attempt = this.queue.shift();
    if (attempt !== undefined) return attempt;
    this.queue.push(...fc.sample(this.requests, { seed: this.options.seed + this.batch, numRuns: BATCH }));
    this.batch += 1;
    return this.next();
  }

  private async watchHealth(goesOn: () => boolean): Promise<void> {
    while (goesOn()) {
      const { answer, tookMs } = await askHealth(this.server.socket);
      this.slowestHealthMs = Math.max(this.slowestHealthMs, tookMs);
      if (answer !== "200" || tookMs > HEALTH_LIMIT_MS) {
        await this.keep(`the health request was answered with ${answer} after ${tookMs.toFixed(0)} ms`);
      }
      await Bun.sleep(Math.max(0, HEALTH_EVERY_MS - tookMs));
    }
  }

  private async sampleMemory(goesOn: () => boolean): Promise<void> {
    for (let next = performance.now(); goesOn(); await Bun.sleep(200)) {
      if (performance.now() < next) continue;
      next += SAMPLE_EVERY_MS;
      const seconds = ((performance.now() - this.begin) / 1000).toFixed(0);
      const mb = (await memoryMb(this.server.pid, "VmRSS")).toFixed(1);
      const slowest = this.slowestHealthMs.toFixed(0);
      console.log(`${seconds.padStart(5)} s  ${this.sent} requests  ${mb} MB  health within ${slowest} ms`);
    }
  }

  private async atRest(when: string): Promise<number> {
    if (this.found.length > 0) return 0;
    const mb = await settledMb(this.server.pid);
    const { body } = await this.server.ask("GET", "/settings");
    console.log(`${when}: ${mb.toFixed(1)} MB at rest, ${body.length} bytes of settings`);
    return mb;
  }

  private count(status: string): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }

  private tell(problem: string): void {
    console.log(`FOUND: ${problem}`);
    this.found.push(problem);
  }

  /** Writes down what was sent last: what failed may be the doing of another request. */
  private async keep(problem: string, attempt?: Attempt): Promise<void> {
    await mkdir(FAILURES, { recursive: true });
    const file = join(FAILURES, `seed-${this.options.seed}-problem-${this.found.length + 1}.json`);
    this.tell(`${problem}; the requests are in ${file}`);
    const shown = (one: Attempt) => ({ ...one, bytes: Buffer.from(one.bytes).toString("latin1") });
    const own = attempt === undefined ? {} : { attempt: shown(attempt) };
    const content = { problem, sent: this.sent, ...own, last: this.recent.map(shown) };
    await writeFile(file, `${JSON.stringify(content, null, 2)}\n`);
  }

  private report(): number {
    const seconds = (performance.now() - this.begin) / 1000;
    const counts = [...this.statuses].toSorted().map(([status, count]) => `${status}: ${count}`);
    console.log(`replies: ${counts.join(", ")}`);
    console.log(`${this.sent} requests in ${seconds.toFixed(0)} s, ${this.found.length} problems found`);
    return this.found.length === 0 ? 0 : 1;
  }
}
