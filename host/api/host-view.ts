/** The view of a running host: the open store, and the files that are read on each request. */
import { readFileSync } from "node:fs";
import { failureText } from "../linux/failure.ts";
import type { Model } from "../settings/index.ts";
import type { OpenStore } from "../store/index.ts";
import { type Os, parseOsRelease } from "./os-release.ts";
import type { Report, View } from "./view.ts";

/** What the view is made of; paths are absolute. */
export interface ViewSources {
  readonly model: Model;
  readonly store: OpenStore;
  readonly releaseFile: string;
  readonly bootReportFile: string;
  readonly applyReportFile: string;
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
    os: () => readOs(sources.releaseFile),
    bootReport: () => readReport(sources.bootReportFile),
    applyReport: () => readReport(sources.applyReportFile),
  };
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
