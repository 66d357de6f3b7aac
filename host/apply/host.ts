/** The applier on a real host. */

import { usableCpuCount } from "../linux/cpus.ts";
import type { Log } from "../linux/log.ts";
import { resolvesElsewhere } from "../linux/resolver.ts";
import { loadInstalledVariant } from "../settings/index.ts";
import type { ApplyHost } from "./apply.ts";
import type { CallApi } from "./model.ts";
import { daemonReload, runRestartCommand } from "./restart.ts";
import { runtimeDirectory } from "./runtime-directory.ts";

// The lookup decides only whether the hostname stands on the loopback lines too; no change should wait long for it.
const lookupTimeoutMs = 1500;

/** This host, with its restart commands run as programs. */
export function thisHost(socketPath: string, call: CallApi, log: Log): ApplyHost {
  return {
    call,
    runtimeDirectory: runtimeDirectory(socketPath),
    runCommand: (command, env) => runRestartCommand(command, env, log),
    daemonReload,
    resolves: (name) => resolvesElsewhere(name, lookupTimeoutMs),
    cpuCount: () => usableCpuCount(),
    fileRules: async () => (await loadInstalledVariant()).configurationFiles,
    log,
  };
}
