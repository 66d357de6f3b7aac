/** The machine that benchmarks boot: the default image with a disk of its own. */
import { buildImage } from "../image/build.ts";
import { type Machine, startMachine } from "../lab/index.ts";
import { ensureSdk, progressLines } from "../sdk/index.ts";

/** Powers the machine on, with a new disk or with the one it had; builds the default image if it is not there yet. */
export async function startBenchMachine(disk: "new" | "same"): Promise<Machine> {
  const steps = progressLines();
  const sdk = await ensureSdk(steps);
  const image = await buildImage("metal-dev", { progress: steps });
  const about = { name: "bench", variant: image.variant, image: image.disk };
  return startMachine(sdk, { ...about, fresh: disk === "new" }, steps);
}
