/** `pinwheel repo plan`: what a wave policy will do, before anybody is given an update by it. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { writeWhole } from "../host/linux/files.ts";
import { svgOfRollout } from "./draw-svg.ts";
import { drawRollout } from "./draw-terminal.ts";
import { durationForm, parseDuration } from "./durations.ts";
import { fail } from "./failures.ts";
import { readWavePolicy } from "./policy-files.ts";
import { exactRollout, simulatedRollout, waveOutcomes } from "./simulate.ts";

const MOST_HOSTS = 100_000_000; // 800 MB of times

/** Adds `repo plan`. */
export function registerPlan(repo: Command): void {
  repo
    .command("plan")
    .description("draw a wave policy: the share of hosts that have updated over time")
    .argument(
      "[policy]",
      "a file, or the name of one in publish/policies: accelerated-waves, slow-roll, ohno",
      "default-waves",
    )
    .option("--hosts <number>", "simulate so many hosts with seeds by chance; one of every seed when absent")
    .option("--check-every <time>", 'with --hosts: how often a host looks for updates, such as "1 hour"')
    .option("--svg <file>", "also write the picture as SVG")
    .action(plan);
}

async function plan(
  policyName: string,
  options: { hosts?: string; checkEvery?: string; svg?: string },
): Promise<void> {
  const policy = await readWavePolicy(policyName);
  const hosts = options.hosts === undefined ? undefined : hostCount(options.hosts);
  const checkEvery = options.checkEvery === undefined ? 0n : parseDuration(options.checkEvery);
  if (checkEvery === undefined) {
    throw fail("publish/bad-option", {
      option: "--check-every",
      found: options.checkEvery ?? "",
      accepted: durationForm,
    });
  }
  const rollout =
    hosts === undefined ? exactRollout(policy) : simulatedRollout(policy, hosts, checkEvery, Math.random);
  const outcomes = waveOutcomes(policy, rollout);
  process.stdout.write(drawRollout(outcomes, rollout, process.stdout.columns ?? 80));
  if (options.svg === undefined) return;
  const title = `${policyName}${hosts === undefined ? "" : `, ${hosts.toLocaleString("en")} hosts`}`;
  await writeWhole(resolve(options.svg), svgOfRollout(title, outcomes, rollout), { durable: false });
  process.stderr.write(`The picture is ${options.svg}\n`);
}

function hostCount(text: string): number {
  const hosts = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
  if (hosts >= 1 && hosts <= MOST_HOSTS) return hosts;
  throw fail("publish/bad-option", {
    option: "--hosts",
    found: text,
    accepted: `a whole number from 1 to ${MOST_HOSTS}`,
  });
}
