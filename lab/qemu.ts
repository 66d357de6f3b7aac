/** The command line of QEMU: what hardware a virtual machine has. Decides only; machine.ts starts it. */

export type Acceleration = "kvm" | "tcg";

export interface Hardware {
  readonly name: string;
  readonly acceleration: Acceleration;
  readonly memoryMiB: number;
  readonly vcpus: number;
  /** What holds the disk, as seen by QEMU: a raw image, or the socket of an NBD server. */
  readonly disk: { readonly kind: "file" | "nbd"; readonly path: string };
  /** The machine's identity: a host derives its machine-id from it, and with it the place of its journal. */
  readonly uuid: string;
  /** Port of this machine's loopback address at which the guest's port 22 is. */
  readonly sshPort: number;
}

/** The files of a running machine, in its directory. QEMU gets them as relative names: a socket's name holds 107 bytes. */
export const files = {
  disk: "disk.img",
  variables: "uefi-variables.fd",
  consoleLog: "console.log",
  consoleSocket: "console.sock",
  askSocket: "ask.sock",
  controlSocket: "control.sock",
  output: "qemu.log",
} as const;

/** Where Debian's ovmf package has the firmware, inside the build environment. */
export const firmware = {
  code: "/usr/share/OVMF/OVMF_CODE_4M.fd",
  variables: "/usr/share/OVMF/OVMF_VARS_4M.fd",
} as const;

/** Its place on the bus makes the network card's name, as in the reference's helper (specification "os-image" 13.2). */
const NETWORK_SLOT = 0x10;
export const networkInterface = `enp0s${NETWORK_SLOT}`;

/** QEMU's address, seen from a guest, for the machine it runs on: what listens on that one's loopback address. */
export const hostFromGuest = "10.0.2.2";

/**
 * Without option ROM: the firmware would offer to boot from the network.
 *
 * @param sshPort  a port of this machine's loopback address that leads to port 22 of the guest
 */
export function networkCard(sshPort?: number): readonly string[] {
  const forward = sshPort === undefined ? "" : `,hostfwd=tcp:127.0.0.1:${sshPort}-:22`;
  return [
    ...["-netdev", `user,id=net${forward}`],
    ...["-device", `virtio-net-pci,netdev=net,romfile=,addr=0x${NETWORK_SLOT.toString(16)}`],
  ];
}

/**
 * QEMU's arguments for a q35 machine under UEFI: one virtio disk, one virtio card on QEMU's user network, the serial
 * port as console for people (logged), a virtio console for questions, a control socket, no screen.
 */
export function qemuCommand(hardware: Hardware): readonly string[] {
  return [
    "qemu-system-x86_64",
    ...["-name", hardware.name, "-nodefaults", "-no-user-config", "-display", "none", "-vga", "none"],
    ...["-machine", "q35", ...processor(hardware.acceleration), "-smp", String(hardware.vcpus)],
    ...["-m", `${hardware.memoryMiB}M`, "-boot", "strict=on", "-uuid", hardware.uuid],
    ...["-drive", `if=pflash,format=raw,unit=0,readonly=on,file=${firmware.code}`],
    ...["-drive", `if=pflash,format=raw,unit=1,file=${files.variables}`],
    ...[
      "-drive",
      `if=none,id=disk,format=raw,discard=unmap,detect-zeroes=unmap,file=${diskFile(hardware.disk)}`,
    ],
    ...["-device", "virtio-blk-pci,drive=disk,serial=pinwheel,bootindex=1"],
    ...networkCard(hardware.sshPort),
    ...["-device", "virtio-rng-pci"],
    ...["-chardev", `${socket("console", files.consoleSocket)},logfile=${files.consoleLog},logappend=on`],
    ...["-serial", "chardev:console"],
    ...[
      "-chardev",
      socket("ask", files.askSocket),
      "-device",
      "virtio-serial-pci",
      "-device",
      "virtconsole,chardev=ask",
    ],
    ...["-chardev", socket("control", files.controlSocket), "-mon", "chardev=control,mode=control"],
  ];
}

/** A machine with the firmware alone: enough to see whether an acceleration can boot anything. */
export function firmwareOnlyCommand(acceleration: Acceleration, variables: string): readonly string[] {
  return [
    "qemu-system-x86_64",
    ...["-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio", "-machine", "q35"],
    ...[...processor(acceleration), "-smp", "2", "-m", "256M"],
    ...["-drive", `if=pflash,format=raw,unit=0,readonly=on,file=${firmware.code}`],
    ...["-drive", `if=pflash,format=raw,unit=1,snapshot=on,file=${variables}`],
  ];
}

/** The part of the command line that chooses how instructions are run. */
export function processor(acceleration: Acceleration): readonly string[] {
  switch (acceleration) {
    case "kvm":
      return ["-accel", "kvm", "-cpu", "host"];
    case "tcg":
      return ["-accel", "tcg,thread=multi", "-cpu", "max,-svm"];
  }
}

function socket(id: string, path: string): string {
  return `socket,id=${id},path=${path},server=on,wait=off`;
}

function diskFile({ kind, path }: Hardware["disk"]): string {
  return kind === "file" ? comma(path) : `nbd+unix:///?socket=${comma(path)}`;
}

/** In QEMU's option lists a comma is written twice. */
function comma(value: string): string {
  return value.replaceAll(",", ",,");
}
