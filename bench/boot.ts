/** Time from kernel start to multi-user.target, beside a stock Debian 13 in the same kind of virtual machine. */

import { chooseAcceleration, type Machine, networkCard, processor } from "../lab/index.ts";
import { ensureSdk, progressLines, type Sdk } from "../sdk/index.ts";
import { startBenchMachine } from "./machine.ts";
import { type PeerDebian, peerDebian } from "./peer-debian.ts";
import type { Benchmark } from "./report.ts";

const MEMORY_MIB = 2048;
const VCPUS = 2;
const PEER_LIMIT_MS = 300_000;
const POLL_MS = 200;
const QUIET_MS = 20_000;
const STAMP = /ActiveEnterTimestampMonotonic=([1-9]\d*)/;

/** Boots of each, in turn. The shortest counts: whatever else a machine does can only make a boot longer. */
const ROUNDS = 3;

export const bootBenchmark: Benchmark = {
  name: "boot",
  about: "Time from kernel start to multi-user.target",
  async run(progress) {
    const sdk = await ensureSdk(progressLines());
    const peer = await peerDebian(sdk, progress);
    await firstBoot(progress);
    const peerSeconds: number[] = [];
    const ourSeconds: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      peerSeconds.push(await peerBoot(sdk, peer));
      ourSeconds.push(await ourBoot());
      const [theirs, mine] = [peerSeconds, ourSeconds].map((seconds) => seconds.at(-1)?.toFixed(1));
      progress(`round ${round} of ${ROUNDS}: peer ${theirs} s, Pinwheel ${mine} s`);
    }
    return [
      {
        what: `kernel start to multi-user.target, shortest of ${ROUNDS}`,
        unit: "s",
        ours: Math.min(...ourSeconds),
        peer: { name: "stock Debian 13", value: Math.min(...peerSeconds) },
        goal: { atMost: 1, of: "ratio" },
      },
    ];
  },
};

/** The first boot of a host makes its store and its keys; what is compared are the boots after it. */
async function firstBoot(progress: (line: string) => void): Promise<void> {
  const machine = await startBenchMachine("new");
  progress("Pinwheel boots for the first time, unmeasured");
  try {
    await machine.waitForBoot();
    await machine.stop();
  } finally {
    await machine.cut();
  }
}

async function ourBoot(): Promise<number> {
  const machine = await startBenchMachine("same");
  try {
    await untilQuiet(machine);
    const answer = await machine.ask("systemctl show multi-user.target -p ActiveEnterTimestampMonotonic");
    const stamp = STAMP.exec(answer.output)?.[1];
    if (stamp === undefined) {
      throw new Error(`multi-user.target was not reached:\n${await machine.consoleTail()}`);
    }
    return Number(stamp) / 1e6;
  } finally {
    await machine.stop();
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

async function peerBoot(sdk: Sdk, peer: PeerDebian): Promise<number> {
  const acceleration = await chooseAcceleration(sdk, progressLines());
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
      ...["-device", "virtio-blk-pci,drive=disk", ...networkCard(), "-device", "virtio-rng-pci"],
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
