/** apiserver: the API in front of the store (specification "api" 4.1). */
import { existsSync } from "node:fs";
import { lastValue, reboot, scanArguments, startApplier, startServer } from "../api/index.ts";
import { failureText } from "../linux/failure.ts";
import { type LogLevel, log, parseLogLevel } from "../linux/log.ts";
import { notifyReady } from "../linux/systemd.ts";
import { buildModel, loadInstalledVariant } from "../settings/index.ts";
import { openStore } from "../store/index.ts";

const RELEASE_FILE = "/usr/lib/os-release";
const BOOT_REPORT_FILE = "/run/pinwheel/boot-report.json";

const USAGE = `Serves the settings of this host over HTTP on a Unix socket.

Usage: apiserver --datastore-path PATH [OPTIONS]

  --datastore-path PATH      the store (on a host: /var/lib/bottlerocket/datastore/current); required
  --socket-path PATH         the socket to create (default /run/api.sock)
  --socket-gid GID           numeric group that owns the socket (default: left as it is)
  --exec-socket-path PATH    containerd's socket, for commands in host containers
                             (default /run/host-containerd/containerd.sock)
  --log-level LEVEL          off, error, warn, info, debug or trace (default info)
  --help                     this text
`;

interface Options {
  readonly datastorePath: string;
  readonly socketPath: string;
  readonly socketGid: number | undefined;
  readonly logLevel: LogLevel;
}

/** @returns 0 after SIGTERM or SIGINT, 1 if it cannot serve, 2 for a wrong command line */
export async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === "help") {
    process.stdout.write(USAGE);
    return 0;
  }
  if ("problem" in options) {
    process.stderr.write(`apiserver: ${options.problem}\n\n${USAGE}`);
    return 2;
  }
  const say = log("apiserver", options.logLevel);
  if (!existsSync(options.datastorePath)) {
    say.error(`There is no data store at ${options.datastorePath}; storewolf makes it, did it run?`);
    return 1;
  }
  try {
    const server = startServer({
      ...options,
      model: buildModel(await loadInstalledVariant()),
      store: await openStore(options.datastorePath),
      releaseFile: RELEASE_FILE,
      bootReportFile: BOOT_REPORT_FILE,
      actions: { startApplier, reboot },
      onFailure: say.error,
    });
    try {
      const told = await notifyReady();
      say.info(
        `Serving on ${options.socketPath}${told ? "" : "; NOTIFY_SOCKET is not set, so nobody was told"}`,
      );
      await untilAskedToStop();
    } finally {
      await server.stop();
    }
    return 0;
  } catch (error) {
    say.error(failureText(error));
    return 1;
  }
}

function readOptions(args: readonly string[]): Options | "help" | { readonly problem: string } {
  const scanned = scanArguments(args, [
    { names: ["--datastore-path"], takesValue: true },
    { names: ["--socket-path"], takesValue: true },
    { names: ["--socket-gid"], takesValue: true },
    { names: ["--exec-socket-path"], takesValue: true },
    { names: ["--log-level"], takesValue: true },
    { names: ["--help", "-h"], takesValue: false },
  ]);
  if ("problem" in scanned) return scanned;
  if (scanned.options.has("--help")) return "help";
  const [word] = scanned.words;
  if (word !== undefined) return { problem: `unknown argument ${JSON.stringify(word)}` };

  const datastorePath = lastValue(scanned, "--datastore-path");
  if (datastorePath === undefined) return { problem: "option --datastore-path is required" };
  const gid = lastValue(scanned, "--socket-gid");
  if (gid !== undefined && !(/^\d{1,10}$/.test(gid) && Number(gid) < 2 ** 32 - 1)) {
    return {
      problem: `--socket-gid is ${JSON.stringify(gid)}; accepted: the number of a group, 0 to 4294967294`,
    };
  }
  const level = lastValue(scanned, "--log-level");
  const logLevel = level === undefined ? "info" : parseLogLevel(level);
  if (logLevel === undefined) {
    return {
      problem: `--log-level is ${JSON.stringify(level)}; accepted: off, error, warn, info, debug, trace`,
    };
  }
  return {
    datastorePath,
    socketPath: lastValue(scanned, "--socket-path") ?? "/run/api.sock",
    socketGid: gid === undefined ? undefined : Number(gid),
    logLevel,
  };
}

async function untilAskedToStop(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  process.once("SIGTERM", () => resolve());
  process.once("SIGINT", () => resolve());
  await promise;
}
