/** apiserver: the API in front of the store (specification "api" 4.1). */
import { existsSync } from "node:fs";
import {
  type ApplyScope,
  printGenerated,
  printLook,
  printPreview,
  reboot,
  releaseFile,
  socketIn,
  startApplier,
  startDispatcher,
  startServer,
} from "../api/index.ts";
// Not through the room's index, which would load the template engine into the server: 1.5 MB of its 40.
import { readHistory } from "../apply/history.ts";
import { commitOutcomes, lastReport } from "../apply/outcomes.ts";
import { runtimeDirectory } from "../apply/runtime-directory.ts";
import { noteToDo, readToDo } from "../apply/to-do.ts";
import { bootClock } from "../linux/boot-clock.ts";
import { failureText } from "../linux/failure.ts";
import type { Log } from "../linux/log.ts";
import { notifyReady } from "../linux/systemd.ts";
import { buildModel, loadInstalledVariant } from "../settings/index.ts";
import { openStore } from "../store/index.ts";
import { HOST_CONTAINERD_SOCKET } from "./host-containerd.ts";
import { type ProgramShape, runProgram } from "./program.ts";

const BOOT_REPORT_FILE = "/run/pinwheel/boot-report.json";

const shape: ProgramShape = {
  name: "apiserver",
  about: "Serves the settings of this host over HTTP on a Unix socket.",
  options: [
    {
      name: "--datastore-path",
      value: "PATH",
      about: "the store (on a host: /var/lib/bottlerocket/datastore/current); required",
    },
    { name: "--socket-path", value: "PATH", about: "the socket to create (default /run/api.sock)" },
    {
      name: "--socket-directory",
      value: "PATH",
      about: "keeps the socket itself in this directory, for containers, and a link where it is looked for",
    },
    {
      name: "--socket-gid",
      value: "GID",
      about: "numeric group that owns the socket (default: left as it is)",
    },
    {
      name: "--exec-socket-path",
      value: "PATH",
      about: `containerd of the host containers, for apiclient exec (default ${HOST_CONTAINERD_SOCKET})`,
    },
  ],
};

/** @returns 0 after SIGTERM or SIGINT, 1 if it cannot serve, 2 for a wrong command line */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(shape, args, async (given, say) => {
    const datastorePath = given.value("--datastore-path");
    if (datastorePath === undefined) return given.wrong("option --datastore-path is required");
    const gid = given.value("--socket-gid");
    if (gid !== undefined && !(/^\d{1,10}$/.test(gid) && Number(gid) < 2 ** 32 - 1)) {
      return given.wrong(
        `--socket-gid is ${JSON.stringify(gid)}; accepted: the number of a group, 0 to 4294967294`,
      );
    }
    if (!existsSync(datastorePath)) {
      say.error(`There is no data store at ${datastorePath}; storewolf makes it, did it run?`);
      return 1;
    }
    const socketPath = given.value("--socket-path") ?? "/run/api.sock";
    const runtime = runtimeDirectory(socketPath);
    // From here on, so that being asked to stop is never missed and the socket is always removed.
    const askedToStop = untilAskedToStop();
    const store = await openStore(datastorePath);
    for (const failure of store.leftOut) say.error(`${failureText(failure)}. ${failure.hint}`);
    const directory = given.value("--socket-directory");
    const server = startServer({
      socketPath: directory === undefined ? socketPath : socketIn(directory, socketPath),
      socketGid: gid === undefined ? undefined : Number(gid),
      model: buildModel(await loadInstalledVariant()),
      store,
      clock: bootClock(),
      releaseFile,
      bootReportFile: BOOT_REPORT_FILE,
      actions: {
        startApplier: (scope) => noteAndStartApplier(runtime, scope, say),
        async commits() {
          // In this order: a commit stays on the list until its outcome is recorded, so that it is always on one of both.
          const toDo = await readToDo(runtime);
          return commitOutcomes(await readHistory(runtime), toDo);
        },
        lastReport: async () => lastReport(await readHistory(runtime)),
        preview: (input) => printPreview(socketPath, input),
        look: printLook,
        generate: (keys) => printGenerated(socketPath, keys),
        reboot,
        updates: {
          dispatch: startDispatcher,
          // Loaded when somebody asks: most hosts are asked for updates once a day.
          status: async () => (await loadReading()).readUpdateStatus("/"),
          progress: async () => (await loadReading()).readUpdateProgress({ root: "/" }),
        },
      },
      exec: {
        socketPath: given.value("--exec-socket-path") ?? HOST_CONTAINERD_SOCKET,
        onEvent: (text) => say.info(`exec: ${text}`),
      },
      onFailure: say.error,
      onNotice: say.warn,
    });
    try {
      const told = await notifyReady();
      say.info(`Serving on ${socketPath}${told ? "" : "; NOTIFY_SOCKET is not set, so nobody was told"}`);
      await finishToDo(runtime, say);
      await askedToStop;
    } finally {
      await server.stop();
    }
    return 0;
  });
}

const loadReading = () => import("../update/dispatcher/reading.ts");

/**
 * Notes what is to be applied before an applier is started for it: the change is committed, and this server and all
 * that it has started may be killed at any moment.
 *
 * @returns the id of its outcome; undefined if it could not be noted
 */
async function noteAndStartApplier(
  directory: string,
  scope: ApplyScope,
  say: Log,
): Promise<string | undefined> {
  const request = scope === "all" ? ({ kind: "all" } as const) : { kind: "keys" as const, keys: scope.keys };
  // Made in order, also within a millisecond: the outcomes are told in the order of the commits.
  const commit = { id: Bun.randomUUIDv7(), committedAtMs: Date.now() };
  const noted = await noteToDo(directory, request, commit).then(
    () => true,
    (error: unknown) => {
      say.warn(`A change will not be applied again if this server ends early: ${failureText(error)}`);
      return false;
    },
  );
  await startApplier(scope, noted);
  return noted ? commit.id : undefined;
}

/** What an earlier run of this server has begun to apply, and did not see the end of. */
async function finishToDo(directory: string, say: Log): Promise<void> {
  try {
    if ((await readToDo(directory)).length === 0) return;
    say.info("Applying changes that were committed before this server was started");
    await startApplier("to-do");
  } catch (error) {
    // Without it the settings can still be read and changed, and the next change takes the list along.
    say.error(`Changes of an earlier run are not applied: ${failureText(error)}`);
  }
}

async function untilAskedToStop(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  process.once("SIGTERM", () => resolve());
  process.once("SIGINT", () => resolve());
  await promise;
}
