/** look-at-host: what `GET /status` and `GET /doctor` answer with. Started by the API server. */
import type { LookInput } from "../api/index.ts";
import { lookAtHost } from "../status/index.ts";
import { type ProgramShape, runProgram } from "./program.ts";

const shape: ProgramShape = {
  name: "look-at-host",
  about: "Prints how the host is, as JSON. Reads on stdin what only the API server knows.",
  options: [
    { name: "--doctor", about: "ask registries too, and tell where the time of the last start went" },
  ],
};

/** @returns 0; 1 if the host cannot be looked at; 2 for a wrong command line */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(shape, args, async (given) => {
    // The server that has written it is of the same executable.
    const input = JSON.parse(await Bun.stdin.text()) as LookInput;
    process.stdout.write(JSON.stringify(await lookAtHost("/", input, given.has("--doctor"))));
    return 0;
  });
}
