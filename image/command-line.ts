/** The kernel command line of an image (os-image.md 1.7). Decides only. */

export interface VerityRoot {
  /** Number of 4096-byte data blocks. */
  readonly dataBlocks: number;
  /** 64 hexadecimal digits each. */
  readonly rootHash: string;
  readonly salt: string;
}

/**
 * One line in the order of os-image.md 1.7. `@BOOT@` stands for the unique GUID of the boot partition, which the boot
 * selector fills in.
 *
 * Differs from the reference: `panic_on_corruption` stops a damaged root for certain (`panic=10` restarts then, and the
 * selector counts such starts), and `lsm=` leaves out the module that takes programs of systemd's: loading them costs
 * a boot seconds, and no unit here asks for what they do.
 */
export function kernelCommandLine(
  variantParameters: readonly string[],
  bootConfig: boolean,
  root: VerityRoot,
): string {
  const { dataBlocks, rootHash, salt } = root;
  const table = [
    `root,,,ro,0 ${dataBlocks * 8} verity 1 PARTUUID=@BOOT@/PARTNROFF=1 PARTUUID=@BOOT@/PARTNROFF=2`,
    `4096 4096 ${dataBlocks} 1 sha256 ${rootHash} ${salt} 2 panic_on_corruption ignore_zero_blocks`,
  ].join(" ");
  return [
    ...variantParameters,
    ...(bootConfig ? ["bootconfig"] : []),
    "root=/dev/dm-0 rootwait ro",
    "raid=noautodetect",
    // SELinux stays off until the image carries its policy: without one systemd refuses to start.
    "random.trust_cpu=on selinux=0",
    "dm_verity.max_bios=-1 dm_verity.dev_wait=1",
    `dm-mod.create="${table}"`,
    "panic=10 lsm=landlock,lockdown,yama,selinux",
    "--",
    "systemd.log_target=journal-or-kmsg systemd.log_color=0 systemd.show_status=true",
  ].join(" ");
}
