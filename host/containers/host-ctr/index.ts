/** The containers that the host itself starts, run: what answers to `host-ctr`. Loads the client of containerd. */
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { Failure, failureText } from "../../linux/failure.ts";
import { readTextIfExists } from "../../linux/files.ts";
import { containersFailure } from "../failures.ts";
import { pullImage } from "../images/pull.ts";
import { noRegistryConfig, parseRegistryConfig, type RegistryConfig } from "../images/registry-config.ts";
import { connectContainerd } from "../runtime/containerd.ts";
import { runtimeIdOf } from "../spec/profile.ts";
import { cleanUpContainer } from "./clean-up.ts";
import type { Command } from "./command-line.ts";
import { eventLog } from "./event-log.ts";
import type { HostCtr } from "./host-ctr.ts";
import { RecordedRun } from "./record-run.ts";
import { runContainer } from "./run.ts";

/** Who starts us starts containerd before, which may be slow at boot. */
const connectMs = 10_000;

/** The certificates of settings.pki included (specification "platform", certdog). */
const authoritiesFile = "/etc/pki/tls/certs/ca-bundle.crt";

type Work = Exclude<Command, { readonly kind: "help" | "wrong" }>;

/** @returns the exit code: the container's own for `run` */
export async function performCommand(command: Work): Promise<number> {
  const log = eventLog();
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    // Pulling by hand ends at once, as it is; a container has to be given its end.
    if (command.kind === "run") process.on(signal, () => stop.abort(new EndedBySignal(signal)));
  }
  try {
    const config = await readConfig("registryConfig" in command ? command.registryConfig : undefined);
    const authorities = await readTextIfExists(authoritiesFile);
    const { socket, namespace } = command.connection;
    const containerd = await connectContainerd(socket, namespace, connectMs);
    const stateDirectory = dirname(socket);
    const host: HostCtr = {
      containerd,
      log,
      config,
      authorities,
      stop: stop.signal,
      stateDirectory,
      runcRoot: join(stateDirectory, "runc"),
      pipeDirectory: join(stateDirectory, "output"),
    };
    try {
      return await perform(host, command);
    } finally {
      containerd.close();
    }
  } catch (error) {
    const asked = endedBySignal(error);
    if (asked !== undefined) {
      log.info(`${asked.message} before the container ran`);
      return asked.exitCode;
    }
    log.error(failureText(error) + (error instanceof Failure ? `. ${error.hint}` : ""));
    return 1;
  }
}

/** Why a run that is still pulling ends: as asked, which to systemd must not look like a failure of the unit. */
class EndedBySignal extends Error {
  readonly exitCode: number;

  constructor(signal: "SIGTERM" | "SIGINT") {
    super(`ended by ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

function endedBySignal(error: unknown): EndedBySignal | undefined {
  if (error instanceof EndedBySignal) return error;
  return error instanceof Error ? endedBySignal(error.cause) : undefined;
}

async function perform(host: HostCtr, command: Work): Promise<number> {
  switch (command.kind) {
    case "run": {
      const { container: kind, name, profile, limits, source } = command;
      const run = await RecordedRun.open(host.stateDirectory, runtimeIdOf({ kind, name }), host.log);
      try {
        return await runContainer(host, { kind, name, profile, limits }, source, run);
      } catch (error) {
        await run.over(endedBySignal(error) === undefined ? failureText(error) : null);
        throw error;
      }
    }
    case "pull-image":
      await pullImage(host.containerd, command.source, { ...host, mayUseCached: false });
      host.log.info(`image ${command.source} is there`);
      return 0;
    case "clean-up":
      await cleanUpContainer(host, command.id);
      return 0;
  }
}

async function readConfig(path: string | undefined): Promise<RegistryConfig> {
  if (path === undefined) return noRegistryConfig;
  try {
    const text = await readTextIfExists(path);
    if (text === undefined) throw new Error("there is no such file");
    return parseRegistryConfig(text);
  } catch (cause) {
    throw containersFailure("image/bad-registry-config", { path }, { cause });
  }
}
