/** Modes of a terminal that the runtime has no word for. Needs the JIT, as everything that calls the C library does. */
import { dlopen } from "bun:ffi";

// The kernel's own request numbers and layout (asm-generic/termbits.h): both of our architectures have these.
const TCGETS = 0x5401n;
const TCSETS = 0x5402n;
const TERMIOS_BYTES = 36;
const OUTPUT_FLAGS_AT = 4;
const OPOST = 1;

/**
 * Has a terminal show bytes as they are, instead of going to the first column at every newline. The runtime's raw mode
 * leaves that on, and puts it back with the rest.
 *
 * @param fd  a terminal
 * @throws Error where the C library cannot be called
 */
export function showBytesAsTheyAre(fd: number): void {
  const { symbols, close } = dlopen("libc.so.6", { ioctl: { args: ["i32", "u64", "ptr"], returns: "i32" } });
  const modes = new Uint8Array(TERMIOS_BYTES);
  const view = new DataView(modes.buffer);
  if (symbols.ioctl(fd, TCGETS, modes) === 0) {
    view.setUint32(OUTPUT_FLAGS_AT, view.getUint32(OUTPUT_FLAGS_AT, true) & ~OPOST, true);
    symbols.ioctl(fd, TCSETS, modes);
  }
  close();
}
