import { describe, expect, it } from "bun:test";
import { kernelCommandLine } from "./command-line.ts";

describe("the kernel command line", () => {
  const root = { dataBlocks: 100, rootHash: "a".repeat(64), salt: "b".repeat(64) };
  it("Check 8: has the words of section 1.7 in its order, and bootconfig only where the variant takes boot settings", () => {
    const rest = [
      "root=/dev/dm-0 rootwait ro raid=noautodetect random.trust_cpu=on selinux=0",
      "dm_verity.max_bios=-1 dm_verity.dev_wait=1",
      'dm-mod.create="root,,,ro,0 800 verity 1 PARTUUID=@BOOT@/PARTNROFF=1 PARTUUID=@BOOT@/PARTNROFF=2',
      `4096 4096 100 1 sha256 ${root.rootHash} ${root.salt} 2 panic_on_corruption ignore_zero_blocks"`,
      "panic=10 lsm=landlock,lockdown,yama,selinux --",
      "systemd.log_target=journal-or-kmsg systemd.log_color=0 systemd.show_status=true",
    ].join(" ");
    expect(kernelCommandLine(["console=tty0", "quiet"], true, root)).toBe(
      `console=tty0 quiet bootconfig ${rest}`,
    );
    expect(kernelCommandLine([], false, root)).toBe(rest);
  });
});
