/** `pinwheel fuzz`. */
import type { Command } from "commander";
import { fuzzApi } from "./api.ts";

/** Adds `fuzz`; not a level of the tests, because it takes as long as it is given. */
export function registerFuzz(program: Command): void {
  program
    .command("fuzz")
    .description(
      "send the API server random and grammar-made requests for minutes; fails when something is found",
    )
    .argument("<target>", "api")
    .option("--minutes <N>", "how long", "10")
    .option("--seed <N>", "what the requests follow from; a new one when not given")
    .option("--variant <NAME>", "whose settings the server has", "metal-k8s-1.24")
    .action(async (target: string, given: { minutes: string; seed?: string; variant: string }) => {
      const minutes = Number(given.minutes);
      const seed = Number(given.seed ?? Date.now() % 2 ** 31);
      if (target !== "api") program.error(`error: there is nothing to fuzz called ${target}\ntry:   api`);
      if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
        program.error("error: --minutes takes a number above 0, --seed a whole number");
      }
      process.exitCode = await fuzzApi({ minutes, seed, variant: given.variant });
    });
}
