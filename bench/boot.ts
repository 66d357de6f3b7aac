/** Time from kernel start to multi-user.target, beside a stock Debian 13 in the same kind of virtual machine. */

import { chooseAcceleration, type Machine, networkCard, processor } from "../lab/index.ts";
import { ensureSdk, progressLines, type Sdk } from "../sdk/index.ts";
import { startBenchMachine } from "./machine.ts";
import { peerDebian } from "./peer-debian.ts";
import type { Benchmark } from "./report.ts";

const MEMORY_MIB = 2048;
const VCPUS = 2;
const PEER_LIMIT_MS = 300_000;
const POLL_MS = 200;
const QUIET_MS = 20_000;
const STAMP = /ActiveEnterTimestampMonotonic=([1-9]\d*)/;

export const bootBenchmark: Benchmark = {
  name: "boot",
  about: "Time from kernel start to multi-user.target",
  async run(progress) {
    const sdk = await ensureSdk(progressLines());
    const peerSeconds = await peerBoot(sdk, progress);
    progress(`the peer took ${peerSeconds.toFixed(1)} s`);
    const ourSeconds = await ourBoot(progress);
    return [
      {
        what: "kernel start to multi-user.target",
        unit: "s",
        ours: ourSeconds,
        peer: { name: "stock Debian 13", value: peerSeconds },
        goal: { atMost: 1, of: "ratio" },
      },
    ];
  },
};

/** The first boot of a host makes its store and its keys; what is compared is the boot after it, from power-on too. */
async function ourBoot(progress: (line: string) => void): Promise<number> {
  progress("booting Pinwheel for the first time");
  let machine = await startBenchMachine("new");
  try {
    await machine.waitForBoot();
    await machine.stop();
    progress("measuring its second boot");
    machine = await startBenchMachine("same");
    await untilQuiet(machine);
    const answer = await machine.ask("systemctl show multi-user.target -p ActiveEnterTimestampMonotonic");
    const stamp = STAMP.exec(answer.output)?.[1];
    if (stamp === undefined) {
      throw new Error(`multi-user.target was not reached:\n${await machine.consoleTail()}`);
    }
    return Number(stamp) / 1e6;
  } finally {
    await machine.cut();
  }
}

/** Questions would take processor time from the boot that is measured: until its console is still, none is asked. */
async function untilQuiet(machine: Machine): Promise<void> {
  await machine.waitForConsole("login:");
  for (let size = await machine.consoleSize(), since = performance.now(); ; await Bun.sleep(POLL_MS)) {
    const now = await machine.consoleSize();
    if (now === size && performance.now() - since > QUIET_MS) return;
    if (now !== size) [size, since] = [now, performance.now()];
  }
}

async function peerBoot(sdk: Sdk, progress: (line: string) => void): Promise<number> {
  const peer = await peerDebian(sdk, progress);
  const acceleration = await chooseAcceleration(sdk, progressLines());
  progress("booting the peer");
  const wrapped = sdk.wrap(
    [
      "qemu-system-x86_64",
      ...["-nodefaults", "-no-user-config", "-display", "none", "-vga", "none", "-serial", "stdio"],
      ...["-machine", "q35", ...processor(acceleration), "-smp", String(VCPUS), "-m", `${MEMORY_MIB}M`],
      ...[
        "-kernel",
        peer.kernel,
        "-initrd",
        peer.initrd,
        "-append",
        "root=/dev/vda rw console=ttyS0,115200n8",
      ],
      ...["-drive", `if=none,id=disk,format=raw,snapshot=on,file=${peer.disk}`],
      ...["-device", "virtio-blk-pci,drive=disk", ...networkCard, "-device", "virtio-rng-pci"],
    ],
    { readable: [peer.directory] },
  );
  const child = Bun.spawn([...wrapped.command], {
    env: wrapped.env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
    timeout: PEER_LIMIT_MS,
    killSignal: "SIGKILL",
  });
  const serial = await new Response(child.stdout).text();
  await child.exited;
  const stamp = STAMP.exec(serial)?.[1];
  if (stamp === undefined)
    throw new Error(`the peer did not reach multi-user.target:\n${serial.slice(-2000)}`);
  return Number(stamp) / 1e6;
}
