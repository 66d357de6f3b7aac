/** Whether KVM works here. A device file says little: on some machines /dev/kvm opens and no guest boots under it. */
import { access, constants, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheDirectory, type Progress, type Sdk } from "../sdk/index.ts";
import { type Acceleration, firmware, firmwareOnlyCommand } from "./qemu.ts";

const LIMIT_MS = 15_000; // the firmware takes 2 s under KVM, 5 s under emulation
const REACHED = "UEFI Interactive Shell"; // what the firmware starts when it finds no disk

/**
 * Boots the firmware on an empty machine under KVM; the answer is kept until this machine boots again.
 *
 * @returns "kvm" when it came up, else "tcg" (QEMU's software emulation, which works everywhere)
 */
export async function chooseAcceleration(sdk: Sdk, progress: Progress): Promise<Acceleration> {
  const usable = await access("/dev/kvm", constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!usable) return "tcg";
  const bootId = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  const file = join(cacheDirectory(), "acceleration", `${sdk.hash}-${bootId}`);
  const known = await readFile(file, "utf8").catch(() => undefined);
  if (known === "kvm" || known === "tcg") return known;
  const found = await progress.step("does KVM work here?", async (note) => {
    const works = await bootsFirmware(sdk);
    note(works ? "yes" : "no guest boots under it; software emulation instead");
    return works ? ("kvm" as const) : ("tcg" as const);
  });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, found);
  return found;
}

async function bootsFirmware(sdk: Sdk): Promise<boolean> {
  const wrapped = sdk.wrap(firmwareOnlyCommand("kvm", firmware.variables));
  const child = Bun.spawn([...wrapped.command], {
    env: wrapped.env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  let seen = "";
  for await (const chunk of child.stdout) {
    seen += Buffer.from(chunk).toString("latin1");
    if (seen.includes(REACHED)) break;
  }
  child.kill("SIGKILL");
  await child.exited;
  return seen.includes(REACHED);
}
