/**
 * The file `bootconfig.data` on the private partition: the text of the boot configuration and a trailer by
 * which its readers (the boot selector, or a kernel given it as initrd) recognise and check it.
 *
 * @source specification "os-image" 1.8, "platform" 7.2
 */

const magic = new TextEncoder().encode("#BOOTCONFIG\n");

/** The readers refuse texts of 32 KiB and more, so such a file would silently do nothing. */
const maxTextBytes = 32 * 1024 - 1;

export type EncodedBootConfig =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly problem: string };

/**
 * Makes the bytes of the file: the text, NUL padding up to a multiple of four, then little-endian the padded
 * size and the sum of the text's bytes, then the magic.
 */
export function encodeBootConfig(text: string): EncodedBootConfig {
  const body = new TextEncoder().encode(text);
  const paddedSize = Math.ceil(body.length / 4) * 4;
  if (paddedSize > maxTextBytes) {
    return {
      ok: false,
      problem: `the boot configuration is ${body.length} bytes long; accepted: less than ${maxTextBytes + 1} bytes`,
    };
  }
  const bytes = new Uint8Array(paddedSize + 8 + magic.length);
  bytes.set(body);
  const trailer = new DataView(bytes.buffer, paddedSize);
  trailer.setUint32(0, paddedSize, true);
  // Cannot overflow: at most 32767 bytes of at most 255 each.
  trailer.setUint32(
    4,
    body.reduce((sum, byte) => sum + byte, 0),
    true,
  );
  bytes.set(magic, paddedSize + 8);
  return { ok: true, bytes };
}

/** The text of such a file, without padding; `undefined` for a file that is none. */
export function bootConfigTextOf(bytes: Uint8Array): string | undefined {
  const trailerBytes = 8 + magic.length;
  const isOne = bytes.length >= trailerBytes && Buffer.from(bytes.subarray(-magic.length)).equals(magic);
  return isOne ? new TextDecoder().decode(bytes.subarray(0, -trailerBytes)).replace(/\0+$/, "") : undefined;
}

/**
 * Whether a file of boot settings asks for nothing: what the image brings with it, and what is written where no
 * parameter is set.
 *
 * @returns `false` also for a file that is damaged: nobody knows what its author wanted
 */
export function asksForNothing(bytes: Uint8Array): boolean {
  const text = bootConfigTextOf(bytes)?.replace(/\s/g, "");
  return text === "kernel{}init{}" || text === 'kernel=""init=""';
}
