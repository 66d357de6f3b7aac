/** The machine that benchmarks boot: the default image with a new disk, gone when it stops. */
import { buildImage } from "../image/build.ts";
import { type Machine, startMachine } from "../lab/index.ts";
import { ensureSdk, progressLines } from "../sdk/index.ts";

/** Builds the default image if it is not there yet and powers a machine on with it. */
export async function startBenchMachine(progress: (line: string) => void): Promise<Machine> {
  const steps = progressLines();
  const sdk = await ensureSdk(steps);
  const image = await buildImage("metal-dev", { progress: steps });
  progress("booting Pinwheel");
  return startMachine(sdk, { name: "bench", image: image.disk, fresh: true, ephemeral: true }, steps);
}
