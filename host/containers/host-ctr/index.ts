/** The containers that the host itself starts, run: what answers to `host-ctr`. Loads the client of containerd. */
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { Failure, failureText } from "../../linux/failure.ts";
import { readTextIfExists } from "../../linux/files.ts";
import type { Log } from "../../linux/log.ts";
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
type Run = Extract<Command, { readonly kind: "run" }>;

/** @returns the exit code: the container's own for `run` */
export async function performCommand(command: Work): Promise<number> {
  const log = eventLog();
  switch (command.kind) {
    case "run":
      return performRun(command, log);
    case "pull-image":
      return withHost(command, log, async (host) => {
        await pullImage(host.containerd, command.source, { ...host, mayUseCached: false });
        log.info(`image ${command.source} is there`);
        return 0;
      }).catch((error: unknown) => tell(error, log));
    case "clean-up":
      return withHost(command, log, async (host) => {
        await cleanUpContainer(host, command.id);
        return 0;
      }).catch((error: unknown) => tell(error, log));
  }
}

async function performRun(command: Run, log: Log): Promise<number> {
  const { container: kind, name, profile, limits, source } = command;
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    // Pulling by hand ends at once, as it is; a container has to be given its end.
    process.on(signal, () => stop.abort(new EndedBySignal(signal)));
  }
  // Before anything is contacted, which may be the problem.
  const run = await RecordedRun.open(stateDirectoryOf(command), runtimeIdOf({ kind, name }), source, log);
  try {
    const wanted = { kind, name, profile, limits };
    return await withHost(command, log, (host) => runContainer(host, wanted, source, run), stop.signal);
  } catch (error) {
    const asked = endedBySignal(error);
    await run.over(asked === undefined ? failureText(error) : null);
    if (asked === undefined) return tell(error, log);
    log.info(`${asked.message} before the container ran`);
    return asked.exitCode;
  }
}

/** Does something with containerd, from connecting to it to hanging up. */
async function withHost(
  command: Work,
  log: Log,
  work: (host: HostCtr) => Promise<number>,
  stop = new AbortController().signal,
): Promise<number> {
  const config = await readConfig("registryConfig" in command ? command.registryConfig : undefined);
  const authorities = await readTextIfExists(authoritiesFile);
  const { socket, namespace } = command.connection;
  const containerd = await connectContainerd(socket, namespace, connectMs);
  const state = stateDirectoryOf(command);
  const paths = { runcRoot: join(state, "runc"), pipeDirectory: join(state, "output") };
  try {
    return await work({ containerd, log, config, authorities, stop, ...paths });
  } finally {
    containerd.close();
  }
}

/** Where the runtime keeps its state, and we what belongs to it. */
const stateDirectoryOf = ({ connection }: Work): string => dirname(connection.socket);

/** @returns the exit code of a failure */
function tell(error: unknown, log: Log): number {
  log.error(failureText(error) + (error instanceof Failure ? `. ${error.hint}` : ""));
  return 1;
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
