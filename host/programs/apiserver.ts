/** apiserver: the API in front of the store (specification "api" 4.1). */
import { existsSync } from "node:fs";
import { reboot, startApplier, startServer } from "../api/index.ts";
import { notifyReady } from "../linux/systemd.ts";
import { buildModel, loadInstalledVariant } from "../settings/index.ts";
import { openStore } from "../store/index.ts";
import { type ProgramShape, runProgram } from "./program.ts";

const RELEASE_FILE = "/usr/lib/os-release";
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
      name: "--socket-gid",
      value: "GID",
      about: "numeric group that owns the socket (default: left as it is)",
    },
    {
      name: "--exec-socket-path",
      value: "PATH",
      about: "accepted for compatibility; commands in host containers are not offered",
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
    const server = startServer({
      socketPath,
      socketGid: gid === undefined ? undefined : Number(gid),
      model: buildModel(await loadInstalledVariant()),
      store: await openStore(datastorePath),
      releaseFile: RELEASE_FILE,
      bootReportFile: BOOT_REPORT_FILE,
      actions: { startApplier, reboot },
      onFailure: say.error,
    });
    try {
      const told = await notifyReady();
      say.info(`Serving on ${socketPath}${told ? "" : "; NOTIFY_SOCKET is not set, so nobody was told"}`);
      await untilAskedToStop();
    } finally {
      await server.stop();
    }
    return 0;
  });
}

async function untilAskedToStop(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  process.once("SIGTERM", () => resolve());
  process.once("SIGINT", () => resolve());
  await promise;
}
