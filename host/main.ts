/**
 * The host executable: one file with many names. Started as NAME it is the program NAME; started under its own name
 * it takes the program's name as its first argument.
 */
import { basename } from "node:path";
import { failureText } from "./linux/failure.ts";
import { programs } from "./programs/index.ts";

const OWN_NAME = "pinwheel-host";

async function start(): Promise<number> {
  const startedAs = basename(process.argv0);
  const args = process.argv.slice(2);
  const [name, rest] = programs.has(startedAs) ? [startedAs, args] : [args[0], args.slice(1)];
  const load = programs.get(name ?? "");
  if (load === undefined) {
    const what = name === undefined ? "" : `${OWN_NAME}: there is no program ${JSON.stringify(name)}\n`;
    process.stderr.write(
      `${what}Usage: ${OWN_NAME} NAME [ARGUMENTS]\nNames: ${[...programs.keys()].sort().join(", ")}\n`,
    );
    return 2;
  }
  const program = await load();
  return program.main(rest);
}

/**
 * Ends the process once everything it printed has been taken: exiting at once would cut what a pipe still holds.
 * A result that nobody could take is a failure, even when the program itself did well.
 */
async function end(exitCode: number): Promise<never> {
  const lost = await ended(process.stdout);
  // A reader that had enough (`| head`) went on purpose and needs no message.
  if (lost !== undefined && !("code" in lost && lost.code === "EPIPE")) {
    process.stderr.write(`${basename(process.argv0)}: cannot write the output: ${lost.message}\n`);
  }
  await ended(process.stderr);
  process.exit(exitCode === 0 && lost !== undefined ? 1 : exitCode);
}

function ended(stream: NodeJS.WriteStream): Promise<Error | undefined> {
  return new Promise((resolve) => {
    stream.once("error", resolve);
    stream.end(() => resolve(stream.errored ?? undefined));
  });
}

start().then(end, (error: unknown) => {
  process.stderr.write(`${basename(process.argv0)}: ${failureText(error)}\n`);
  return end(1);
});
