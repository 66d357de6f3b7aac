/** host-ctr: runs a container of the host (specification "containers" 7). */
import { parseCommandLine } from "../containers/host-ctr/command-line.ts";

/** @returns 0, or the exit code of the container; 1 for failures and wrong command lines; 3 for an unknown command */
export async function main(args: readonly string[]): Promise<number> {
  const command = parseCommandLine(args);
  switch (command.kind) {
    case "help":
      process.stdout.write(command.text);
      return 0;
    case "wrong":
      process.stdout.write(command.text);
      process.stderr.write(`host-ctr: ${command.problem}\n`);
      return command.exitCode;
    default: {
      // Only now: a wrong command line is told before the client of containerd is loaded.
      const { performCommand } = await import("../containers/host-ctr/index.ts");
      return performCommand(command);
    }
  }
}
