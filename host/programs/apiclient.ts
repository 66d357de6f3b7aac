/** apiclient: the command line of the API (specification "api" 8). */
import {
  type Client,
  CommandFailed,
  complete,
  readCommandLine,
  runCommand,
  UsageMistake,
  usage,
} from "../api/apiclient/index.ts";
import { log } from "../linux/log.ts";
import { buildModel, loadInstalledVariant } from "../settings/index.ts";

/** @returns 0, 1 for a failed request, 2 for a wrong command line and for --help, of exec what the command says */
export async function main(args: readonly string[]): Promise<number> {
  if (args[0] === "complete") {
    process.stdout.write((await complete(args.slice(1))).map((line) => `${line}\n`).join(""));
    return 0;
  }
  const line = readCommandLine(args);
  if (line.kind === "help") {
    process.stderr.write(usage(line.about));
    return 2;
  }
  if (line.kind === "wrong") {
    process.stderr.write(`apiclient: ${line.problem}\n\n${usage(line.about)}`);
    return 2;
  }
  const say = log("apiclient", line.options.logLevel);
  const client: Client = {
    server: { socketPath: line.options.socketPath, onStatus: say.debug, onRemark: say.warn },
    model: async () => buildModel(await loadInstalledVariant()),
    isTerminal: process.stderr.isTTY === true,
    print: (text) => void process.stdout.write(text),
    write: writeBytes,
    tell: (text) => void process.stderr.write(text),
    info: say.info,
    warn: say.warn,
  };
  try {
    if (line.command.kind === "exec") {
      // Loaded only where it is needed: every other command starts the sooner.
      const { exec } = await import("../api/apiclient/exec/exec.ts");
      return await exec(line.options.socketPath, line.command, say.warn);
    }
    await runCommand(line.command, client);
    return 0;
  } catch (error) {
    if (error instanceof UsageMistake) {
      process.stderr.write(`apiclient: ${error.message}\n`);
      return 2;
    }
    if (!(error instanceof CommandFailed)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

function writeBytes(bytes: Uint8Array): Promise<boolean> {
  // Without somebody who listens, a reader that had enough would be an exception, and it comes after the callback.
  if (process.stdout.listenerCount("error") === 0) process.stdout.on("error", () => undefined);
  return new Promise((resolve) => {
    process.stdout.write(bytes, (error) => resolve(error === undefined || error === null));
  });
}
