/**
 * The peer of the boot benchmark: a stock Debian 13 with the same kernel package, systemd and containerd, its own
 * initrd and an ext4 root, as its installer would leave it. Made once and cached by what it is made from.
 */
import { copyFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cached, hashOf, type Sdk } from "../sdk/index.ts";

const PACKAGES = [
  "linux-image-amd64",
  "initramfs-tools",
  "systemd-sysv",
  "dbus",
  "udev",
  "containerd",
  "iproute2",
];
/** Printed on the console by the peer itself once multi-user.target is active; microseconds since kernel start. */
const REPORT = `[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'systemctl show multi-user.target -p ActiveEnterTimestampMonotonic >/dev/console'
ExecStart=/bin/systemctl --no-block poweroff
[Install]
WantedBy=graphical.target
`;
const DISK_MIB = 2048;

export interface PeerDebian {
  readonly directory: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly disk: string;
}

export async function peerDebian(sdk: Sdk, progress: (line: string) => void): Promise<PeerDebian> {
  const directory = await cached(
    "bench-peer",
    hashOf(sdk.hash, PACKAGES.join(), REPORT, String(DISK_MIB)),
    (unfinished) => {
      progress("making a stock Debian 13 to compare with (about 2 minutes, once)");
      return makePeer(sdk, unfinished);
    },
  );
  const at = (name: string) => join(directory, name);
  return { directory, kernel: at("vmlinuz"), initrd: at("initrd.img"), disk: at("disk.img") };
}

async function makePeer(sdk: Sdk, directory: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), "pinwheel-peer-"));
  try {
    const tree = join(work, "tree");
    await mkdir(tree);
    await Bun.write(join(work, "report.service"), REPORT);
    await sdk.run(
      [
        "mmdebstrap",
        "--variant=apt",
        `--include=${PACKAGES.join()}`,
        `--customize-hook=cp ${work}/report.service "$1"/etc/systemd/system/ && chroot "$1" systemctl enable report.service`,
        "--skip=cleanup/apt/lists",
        "trixie",
        tree,
      ],
      { writable: [work] },
    );
    const boot = await readdir(join(tree, "boot"));
    for (const name of ["vmlinuz", "initrd.img"]) {
      const found = boot.find((file) => file.startsWith(`${name}-`));
      if (found === undefined) throw new Error(`the peer has no ${name} in /boot, only ${boot.join(", ")}`);
      await copyFile(join(tree, "boot", found), join(directory, name));
    }
    const disk = join(directory, "disk.img");
    await sdk.run(["truncate", "-s", `${DISK_MIB}M`, disk], { writable: [directory] });
    await sdk.run(["mkfs.ext4", "-q", "-d", tree, disk], { readable: [tree], writable: [directory] });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
