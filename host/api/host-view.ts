/** The view of a running host: the open store, and the files that are read on each request. */
import { readFileSync } from "node:fs";
import type { BootClock } from "../linux/boot-clock.ts";
import { failureText } from "../linux/failure.ts";
import type { Model } from "../settings/index.ts";
import { type OpenStore, secondsLeft, type Trial, trialKeys } from "../store/index.ts";
import { type Os, parseOsRelease } from "./os-release.ts";
import type { Report, RunningTrial, View } from "./view.ts";

/** What the view is made of; paths are absolute. */
export interface ViewSources {
  readonly model: Model;
  readonly store: OpenStore;
  readonly clock: BootClock;
  readonly releaseFile: string;
  readonly bootReportFile: string;
}

/** Makes the view that requests are decided on. */
export function viewOf(sources: ViewSources): View {
  const { model, store } = sources;
  return {
    model,
    get live() {
      return store.live();
    },
    pending: (transaction) => store.pending(transaction),
    transactions: () => store.transactions(),
    trial: () => runningTrial(store.trial(), sources.clock),
    lastTrial: () => store.lastTrial(),
    os: () => readOs(sources.releaseFile),
    bootReport: () => readReport(sources.bootReportFile),
  };
}

/** The trial of a store as requests are told of it. */
export function runningTrial(trial: Trial | undefined, clock: BootClock): RunningTrial | undefined {
  if (trial === undefined) return undefined;
  const { seconds, afterRestart } = trial;
  const left = Math.max(0, Math.ceil(secondsLeft(trial, clock)));
  return { keys: trialKeys(trial), seconds, secondsLeft: left, afterRestart };
}

function readOs(file: string): Os | string {
  try {
    const os = parseOsRelease(readFileSync(file, "utf8"), process.arch === "arm64" ? "aarch64" : "x86_64");
    return typeof os === "string" ? `${file}: ${os}` : os;
  } catch (error) {
    return `${file} cannot be read: ${failureText(error)}`;
  }
}

function readReport(file: string): Report {
  try {
    return { kind: "text", text: readFileSync(file, "utf8") };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { kind: "none" };
    return { kind: "unreadable", why: `${file}: ${failureText(error)}` };
  }
}
