/** For the tests of this room only: kernel command lines as the boot selector writes them. */

export const baseLine =
  'quiet root=/dev/dm-0 rootwait ro dm-mod.create="root,,,ro,0 8 verity 1" -- systemd.log_color=0';

export function commandLine(kernelWords: readonly string[], initWords: readonly string[]): string {
  const [before, after] = baseLine.split(" -- ");
  return [
    ...kernelWords,
    ...(kernelWords.length > 0 ? [`pinwheel.kernel-words=${kernelWords.length}`] : []),
    before,
    "--",
    ...initWords,
    ...(initWords.length > 0 ? [`pinwheel.init-words=${initWords.length}`] : []),
    `${after}\n`,
  ].join(" ");
}
