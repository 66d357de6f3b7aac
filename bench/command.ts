import type { Command } from "commander";
import { apiBenchmark } from "./api.ts";
import { bootBenchmark } from "./boot.ts";
import { containersBenchmark } from "./containers.ts";
import { execBenchmark } from "./exec.ts";
import { imageBenchmark } from "./image.ts";
import { type Benchmark, table } from "./report.ts";
import { settingsBenchmark } from "./settings.ts";
import { updatesBenchmark } from "./updates.ts";

const benchmarks: readonly Benchmark[] = [
  apiBenchmark,
  settingsBenchmark,
  execBenchmark,
  containersBenchmark,
  updatesBenchmark,
  imageBenchmark,
  bootBenchmark,
];

export function register(program: Command): void {
  const list = benchmarks.map((benchmark) => `  ${benchmark.name.padEnd(12)}${benchmark.about}`).join("\n");
  program
    .command("bench")
    .description("run the benchmarks, each beside its peer in the same run")
    .argument("[names...]", "which ones; all when none is named")
    .addHelpText("after", `\nBenchmarks:\n${list}`)
    .action(async (names: string[]) => {
      const unknown = names.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
      if (unknown.length > 0)
        program.error(`error: no benchmark is called ${unknown.join(", ")}\ntry:   one of\n${list}`);
      for (const benchmark of benchmarks) {
        if (names.length > 0 && !names.includes(benchmark.name)) continue;
        const figures = await benchmark.run((line) => console.error(`${benchmark.name}: ${line}`));
        console.log(`\n${benchmark.about}\n${table(figures)}`);
      }
    });
}
